"""A user's own labelled images in one npz file: ``train_images``, ``test_images`` (n, height, width) uint8,
``train_labels``, ``test_labels`` (n,).

The headers of the arrays are read in plain Python, since the check of the configuration needs the sizes before any job
and imports nothing heavy.
"""

import ast
import struct
import zipfile
from pathlib import Path

from weightspace.data import IMAGES, LABELS, MOST_CLASSES

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")


class OwnDataError(ValueError):
    """The file cannot be used; the message is one sentence that names it, what was found and what is allowed."""


def shapes(path: str | Path) -> dict[str, tuple[int, ...]]:
    """Shape of each of the four arrays, by name, from their headers alone.

    Raises:
        OwnDataError: the file is missing, is no npz, lacks an array, or an array does not fit; the message says what
            was found and what is allowed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [name for name in ARRAYS if f"{name}.npy" not in archive.namelist()]
            if missing:
                raise OwnDataError(
                    f"{path} lacks the array {missing[0]}; allowed: an npz file with {', '.join(ARRAYS)}"
                )
            found = {name: _header(archive, name) for name in ARRAYS}
    except FileNotFoundError:
        raise OwnDataError(f"{path} does not exist; allowed: an npz file with {', '.join(ARRAYS)}") from None
    except (OSError, zipfile.BadZipFile, struct.error, SyntaxError, ValueError, KeyError) as error:
        if isinstance(error, OwnDataError):
            raise
        raise OwnDataError(f"{path} is no npz file ({error}); allowed: an npz file with {', '.join(ARRAYS)}") from error
    _check(path, found)
    return {name: shape for name, (shape, _) in found.items()}


def _header(archive, name):
    """Shape and type of an array in an npz (format of numpy.lib.format)."""
    with archive.open(f"{name}.npy") as file:
        magic = file.read(8)
        if magic[:6] != b"\x93NUMPY":
            raise ValueError(f"{name} is no array")
        length = struct.unpack("<H", file.read(2))[0] if magic[6] == 1 else struct.unpack("<I", file.read(4))[0]
        header = ast.literal_eval(file.read(min(length, 10_000)).decode("latin1"))
    return header["shape"], header["descr"]


def _check(path, found):
    size = None
    for split in ("train", "test"):
        (shape, kind), (labels, label_kind) = found[f"{split}_images"], found[f"{split}_labels"]
        if len(shape) != 3 or kind != "|u1" or 0 in shape:
            raise OwnDataError(
                f"{path}: {split}_images has the shape {shape} and type {kind}; allowed: (n, height, width) of uint8,"
                " none of them 0"
            )
        if size not in (None, shape[1:]):
            raise OwnDataError(
                f"{path}: test_images are {shape[1]} by {shape[2]} pixels; allowed: as train_images, {size[0]} by"
                f" {size[1]}"
            )
        if labels != shape[:1] or str(label_kind)[1:2] not in ("u", "i"):
            raise OwnDataError(
                f"{path}: {split}_labels has the shape {labels} and type {label_kind}; allowed: ({shape[0]},) of"
                " integers"
            )
        size = shape[1:]


def convert(path: str | Path, output_folder: str | Path) -> None:
    """Write the four IDX files of an npz into ``output_folder``, from where all goes on as with MNIST.

    Raises:
        OwnDataError: as in `shapes`, or labels are not 0, 1, ... without a gap in the training images.
    """
    import numpy as np

    from weightspace.data.raw_files import write_idx
    from weightspace.files import read_npz

    shapes(path)
    arrays = read_npz(path, names=ARRAYS)
    classes = np.unique(arrays["train_labels"])
    if len(classes) < 2 or len(classes) > MOST_CLASSES or (classes != np.arange(len(classes))).any():
        raise OwnDataError(
            f"{path}: train_labels holds {_few(classes)}; allowed: 0, 1, ... without a gap, 2 to {MOST_CLASSES} of them"
        )
    if not np.isin(arrays["test_labels"], classes).all():
        raise OwnDataError(
            f"{path}: test_labels holds {_few(np.setdiff1d(arrays['test_labels'], classes))}; allowed: those of"
            " train_labels"
        )
    for names, kind in ((IMAGES, "images"), (LABELS, "labels")):
        for split, name in names.items():
            write_idx(Path(output_folder) / name, arrays[f"{split}_{kind}"])


def _few(values):
    return ", ".join(map(str, values[:8])) + (" ..." if len(values) > 8 else "")
