"""Files that are either whole or absent: every writer writes beside the target and renames at the end.

Formats: npz without pickles, CSV, JSON with sorted keys, plain text, and figures as SVG and PNG. The same content
always gives the same bytes.
"""

import glob
import json
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from pandas import DataFrame
else:  # pandas takes long to import, and most files need none
    DataFrame = Any

_LARGEST_RATIO = 1032  # of deflate
_HEADER = 4096
_DAMAGE = (ValueError, OSError, EOFError, KeyError, TypeError, struct.error, zipfile.BadZipFile, zlib.error)


class FileError(ValueError):
    """A file is missing, damaged or not of the expected form; the message is one sentence that names it."""


def seed_of(path: str | Path) -> int:
    """The seed of a file that is named after it, ``seed3.npz``."""
    return int(Path(path).stem.removeprefix("seed"))


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it replaces ``path``, on failure nothing is left.

    What a writer of ``path`` left that was killed goes too. Such a writer that is still alive, after Snakemake alone
    was killed, fails as it ends.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last, because numpy and matplotlib choose or complete names by it.
    before, after = f".{path.stem}.", f".partial{path.suffix}"
    for left in path.parent.glob(f"{glob.escape(before)}*{glob.escape(after)}"):
        if left.name.removeprefix(before).removesuffix(after).isdigit():
            left.unlink(missing_ok=True)
    temporary = path.with_name(f"{before}{os.getpid()}{after}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_npz(path: str | Path, /, **arrays: Any) -> None:
    """Write arrays to a compressed npz; object arrays are refused, since they would need pickle."""
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise TypeError(f"{path}: array {name!r} holds Python objects; give numbers or fixed-width strings")
    with replacing(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def read_npz(path: str | Path, *, names: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Read an npz into a dict of arrays.

    Raises:
        FileError: the file is missing, truncated, holds pickled objects, or lacks one of ``names``.
    """
    try:
        _check_claims(path)
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise FileError(f"{path} does not exist") from None
    except (
        *_DAMAGE,
        RuntimeError,
        MemoryError,
    ) as error:  # RuntimeError: a flag or a version that zipfile does not know, or a password
        raise FileError(f"{path} is damaged or not a plain npz file ({error}); delete it and run again") from error
    missing = [name for name in names if name not in arrays]
    if missing:
        raise FileError(f"{path} lacks the array {missing[0]!r}; it holds {', '.join(sorted(arrays)) or 'nothing'}")
    return arrays


def _check_claims(path):
    """Refuse an npz that claims to unpack to more than its bytes can hold, before any memory is reserved for it."""
    length = os.path.getsize(path)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.compress_size > length:
                raise ValueError(f"{member.filename} claims {member.compress_size} bytes of the file's {length}")
            if member.file_size > _LARGEST_RATIO * member.compress_size + _HEADER:
                raise ValueError(
                    f"{member.filename} claims to unpack {member.compress_size} bytes to {member.file_size}"
                )
            with archive.open(member) as file:
                major, _ = np.lib.format.read_magic(file)
                read_header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
                shape, _, kind = read_header(file)
            if math.prod(shape) * kind.itemsize > member.file_size and not kind.hasobject:
                raise ValueError(f"{member.filename} claims the shape {shape}, but holds {member.file_size} bytes")


class ArrayFile:
    """Writing and reading for a dataclass whose fields are arrays, or text: an npz with one array per field."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def write(self, path: str | Path) -> None:
        """Write all fields."""
        write_npz(path, **{field.name: np.asarray(getattr(self, field.name)) for field in fields(self)})

    @classmethod
    def read_arrays(cls, path: str | Path) -> dict[str, np.ndarray]:
        """The fields' arrays by name, as the file has them.

        Raises:
            FileError: the file is missing, damaged, or lacks a field.
        """
        names = [field.name for field in fields(cls)]
        arrays = read_npz(path, names=names)
        return {name: arrays[name] for name in names}


def write_columns(path: str | Path, frame: DataFrame) -> None:
    """Write a DataFrame in long form as an npz with one array per column; strings become fixed-width unicode."""
    write_npz(path, **{str(name): _plain(column) for name, column in frame.items()})


def _plain(column):
    values = column.to_numpy()
    return values if values.dtype.kind in "biuf" else values.astype(str)


def read_columns(path: str | Path) -> DataFrame:
    """Read what `write_columns` wrote."""
    import pandas as pd

    return pd.DataFrame(read_npz(path))


def write_csv(path: str | Path, frame: DataFrame, *, digits: int = 6) -> None:
    """Write a DataFrame as CSV with ``digits`` significant digits: enough to read, few enough to be equal
    everywhere.
    """
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, float_format=f"%.{digits}g", lineterminator="\n")


def read_parts(paths: Sequence[str | Path], *, name: str) -> DataFrame:
    """Tables of one form, CSV or of `write_columns`, one below the other; the column ``name`` says whose each row is:
    the name of its file.
    """
    import pandas as pd

    readers: dict[str, Callable[[Path], DataFrame]] = {".csv": pd.read_csv, ".npz": read_columns}
    parts = [readers[path.suffix](path).assign(**{name: path.stem}) for path in map(Path, paths)]
    return pd.concat(parts, ignore_index=True)


def write_text(path: str | Path, text: str) -> None:
    """Write text as UTF-8."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | Path, value: Any) -> None:
    """Write JSON with sorted keys, so that equal values give equal bytes."""
    write_text(path, json.dumps(value, sort_keys=True, indent=1) + "\n")
