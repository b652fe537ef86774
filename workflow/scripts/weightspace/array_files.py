"""Dataclasses of arrays that are kept as an npz, one array per field."""

from dataclasses import fields

import numpy as np

from weightspace.files import read_npz, write_npz


class ArrayFile:
    """Writing and reading for a dataclass whose fields are arrays, or text."""

    def write(self, path):
        write_npz(path, **{field.name: np.asarray(getattr(self, field.name)) for field in fields(self)})

    @classmethod
    def read_arrays(cls, path):
        """The fields' arrays by name, as the file has them.

        Raises:
            FileError: the file is missing, damaged, or lacks a field.
        """
        names = [field.name for field in fields(cls)]
        arrays = read_npz(path, names=names)
        return {name: arrays[name] for name in names}
