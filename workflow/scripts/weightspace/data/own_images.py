"""A user's own labelled images in one npz file: ``train_images``, ``test_images`` (n, height, width) uint8,
``train_labels``, ``test_labels`` (n,).

Sizes, labels and the first images are read in plain Python, since the check of the configuration needs them before any
job and imports nothing heavy.
"""

import array
import ast
import math
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weightspace.data import IMAGES, LABELS, MOST_CLASSES

ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
LEAST = {"train": 100, "test": 20}  # images, fewer of which no estimate can be made of
LEAST_OF_A_CLASS = 4  # training images
LEAST_PATTERNS = 20  # different ones; fewer are images that the threshold makes alike
_LOOKED_AT = 2000  # images, at most, in search of so many patterns

_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, struct.error, SyntaxError, ValueError, KeyError)


class OwnDataError(ValueError):
    """The file cannot be used; the message is one sentence that names it, what was found and what is allowed."""


@dataclass(frozen=True)
class OwnImages:
    """What a file holds: numbers of training and test images, their height and width (pixels), and of classes."""

    train: int
    test: int
    shape: tuple[int, int]
    classes: int


def describe(path: str | Path) -> OwnImages:
    """What a file holds, once it has been seen that it can be used.

    Raises:
        OwnDataError: as in `shapes`; there are too few images; labels are not 0, 1, ... without a gap, or a class has
            too few training images.
    """
    found = shapes(path)
    for split, least in LEAST.items():
        count = found[f"{split}_images"][0]
        if count < least:
            raise OwnDataError(f"{path}: {split}_images holds {count} images; allowed: {least} or more")
    with _opened(path) as archive:
        train, test = (_count_labels(archive, f"{split}_labels") for split in ("train", "test"))
    _check_labels(path, train, test)
    (count, height, width), tests = found["train_images"], found["test_images"][0]
    return OwnImages(count, tests, (height, width), len(train))


def shapes(path: str | Path) -> dict[str, tuple[int, ...]]:
    """Shape of each of the four arrays, by name, from their headers alone.

    Raises:
        OwnDataError: the file is missing, is no npz, lacks an array, or an array does not fit; the message says what
            was found and what is allowed.
    """
    with _opened(path) as archive:
        missing = [name for name in ARRAYS if f"{name}.npy" not in archive.namelist()]
        if missing:
            raise OwnDataError(f"{path} lacks the array {missing[0]}; allowed: an npz file with {', '.join(ARRAYS)}")
        found = {name: _header(archive, name) for name in ARRAYS}
    _check(path, found)
    return {name: shape for name, (shape, _) in found.items()}


@contextmanager
def _opened(path: str | Path) -> Iterator[zipfile.ZipFile]:
    """The file as the archive that it should be; what is wrong with it becomes an `OwnDataError`."""
    allowed = f"allowed: an npz file with {', '.join(ARRAYS)}"
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OwnDataError:
        raise
    except FileNotFoundError:
        raise OwnDataError(f"{path} does not exist; {allowed}") from None
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        struct.error,
        SyntaxError,
        ValueError,
        KeyError,
    ) as error:
        raise OwnDataError(f"{path} is no npz file ({error}); {allowed}") from error


def _header(archive, name):
    """Shape and type of an array in an npz."""
    with archive.open(f"{name}.npy") as file:
        header = _read_header(file, name)
    return header["shape"], header["descr"]


def _read_header(file, name):
    """The header of an array, which leaves the file at its values (format of numpy.lib.format)."""
    magic = file.read(8)
    if magic[:6] != b"\x93NUMPY":
        raise ValueError(f"{name} is no array")
    length = struct.unpack("<H", file.read(2))[0] if magic[6] == 1 else struct.unpack("<I", file.read(4))[0]
    return ast.literal_eval(file.read(min(length, 10_000)).decode("latin1"))


def _count_labels(archive: zipfile.ZipFile, name: str) -> dict[int, int]:
    """How many images bear each label, in the order of the labels."""
    with archive.open(f"{name}.npy") as file:
        kind = _read_header(file, name)["descr"]
        codes = {("i", "1"): "b", ("u", "1"): "B", ("i", "2"): "h", ("u", "2"): "H"}
        codes |= {("i", "4"): "i", ("u", "4"): "I", ("i", "8"): "q", ("u", "8"): "Q"}
        labels = array.array(codes[kind[1], kind[2:]], file.read())
    if kind[0] == (">" if sys.byteorder == "little" else "<"):
        labels.byteswap()
    counts: dict[int, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return dict(sorted(counts.items()))


def _check_labels(path: str | Path, train: dict[int, int], test: dict[int, int]) -> None:
    if not 2 <= len(train) <= MOST_CLASSES or list(train) != list(range(len(train))):
        raise OwnDataError(
            f"{path}: train_labels holds {_few(list(train))}; allowed: 0, 1, ... without a gap, 2 to {MOST_CLASSES} of"
            " them"
        )
    unknown = [label for label in test if label not in train]
    if unknown:
        raise OwnDataError(f"{path}: test_labels holds {_few(unknown)}; allowed: those of train_labels")
    label, count = min(train.items(), key=lambda item: item[1])
    if count < LEAST_OF_A_CLASS:
        raise OwnDataError(
            f"{path}: train_labels holds the label {label} {count} times; allowed: each label {LEAST_OF_A_CLASS} times"
            " or more"
        )


def check_threshold(path: str | Path, threshold: float) -> None:
    """See that the first training images make different patterns where a pixel is +1 above ``threshold``, a share of
    full scale.

    Raises:
        OwnDataError: they are alike, as images are whose levels were never scaled to 0 ... 255.
    """
    count, *sides = shapes(path)["train_images"]
    bits = bytes(level > threshold * 255 for level in range(256))
    patterns: set[bytes] = set()
    levels: set[int] = set()
    with _opened(path) as archive, archive.open("train_images.npy") as file:
        header = _read_header(file, "train_images")
        for image in _first_images(file, count, math.prod(sides), header["fortran_order"]):
            patterns.add(image.translate(bits))
            if len(patterns) >= LEAST_PATTERNS:
                return
            levels.update(image)
    low, high = min(levels), max(levels)
    cure = "scale the levels to 0 ... 255, or set" if high < 255 else "set"
    raise OwnDataError(
        f"{path}: of the first training images {min(count, _LOOKED_AT)} make {len(patterns)} different patterns, since"
        f" their grey levels span {low} to {high} of 255 and a pixel is +1 above {threshold:g} of full scale; allowed:"
        f" {LEAST_PATTERNS} or more, so {cure} dataset.threshold to a share that divides them, such as"
        f" {(low + high) / 510:.2g}"
    )


def _first_images(file: Any, count: int, size: int, interleaved: bool) -> Iterator[bytes]:
    """The bytes of the first of ``count`` images of a file that lies at its values."""
    if interleaved:  # Fortran's order: the first pixels of all images, then the second ones
        values = file.read()
        yield from (values[number::count] for number in range(min(count, _LOOKED_AT)))
    else:
        yield from (file.read(size) for _ in range(min(count, _LOOKED_AT)))


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
        OwnDataError: as in `describe`.
    """
    from weightspace.data.raw_files import write_idx
    from weightspace.files import read_npz

    describe(path)
    arrays = read_npz(path, names=ARRAYS)
    for names, kind in ((IMAGES, "images"), (LABELS, "labels")):
        for split, name in names.items():
            write_idx(Path(output_folder) / name, arrays[f"{split}_{kind}"])


def _few(values):
    return ", ".join(map(str, values[:8])) + (" ..." if len(values) > 8 else "")
