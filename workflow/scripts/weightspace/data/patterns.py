"""Patterns of ±1, from grey levels to the file that holds them, bit-packed: ``patterns.npz``; numpy only.

A pixel is +1 where its grey level is above a share of full scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int8, Int64, Shaped, UInt8

from weightspace.data.raw_files import read_images, read_labels
from weightspace.files import FileError, read_npz, write_npz

# Which images are meant: positions, a mask, or a slice.
Index = Shaped[np.ndarray, " _"] | Sequence[int] | slice


def binarise(images: Shaped[np.ndarray, "n ..."], *, threshold: float) -> Bool[np.ndarray, "n N"]:
    """Bits of images: True where the grey level is above ``threshold`` times full scale, False
    where it is equal.

    Full scale is 255 for uint8 images and 1 for floating-point images, so that adversarial images in [0, 1] and the
    files they came from are binarised alike.

    Raises:
        TypeError: the images are neither uint8 nor floating-point.
        ValueError: the threshold, or a floating-point grey level, lies outside [0, 1].
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}; allowed: 0 to 1")
    if images.dtype == np.uint8:
        scale = 255
    elif np.issubdtype(images.dtype, np.floating):
        scale = 1
        if not ((images >= 0) & (images <= 1)).all():
            raise ValueError(
                f"grey levels span {images.min()} to {images.max()}; allowed for floating-point images: 0 to 1"
            )
    else:
        raise TypeError(f"images are {images.dtype}; allowed: uint8 or floating-point")
    return images.reshape(len(images), -1) > threshold * scale


def pack(bits: Shaped[np.ndarray, "n N"]) -> UInt8[np.ndarray, "n bytes"]:
    """Pack bits of 0 and 1 into rows of ⌈N/8⌉ bytes, the first bit highest (`numpy.packbits`)."""
    return np.packbits(bits, axis=1)


def unpack(packed: UInt8[np.ndarray, "n bytes"], size: int) -> Int8[np.ndarray, "n {size}"]:
    """Unpack rows of `pack` into patterns of ±1: -1 where the bit is 0, +1 where it is 1."""
    return signs(np.unpackbits(packed, axis=1, count=size))


def signs(bits: Shaped[np.ndarray, "*shape"]) -> Int8[np.ndarray, "*shape"]:
    """Bits of 0 and 1 as -1 and +1."""
    return bits.astype(np.int8) * np.int8(2) - np.int8(1)


@dataclass(frozen=True)
class Patterns:
    """A binarised dataset: packed rows, labels, and the images' shape (height, width)."""

    packed_train: UInt8[np.ndarray, "n bytes"]
    packed_test: UInt8[np.ndarray, "m bytes"]
    train_labels: Int64[np.ndarray, " n"]
    test_labels: Int64[np.ndarray, " m"]
    shape: tuple[int, int]

    @property
    def size(self) -> int:
        """N, the number of pixels of a pattern."""
        return math.prod(self.shape)

    @property
    def classes(self) -> int:
        """C, the number of classes; labels are 0 ... C - 1."""
        return int(self.train_labels.max()) + 1

    def train(self, index: Index | None = None) -> Int8[np.ndarray, "k N"]:
        """Training patterns of ±1 at ``index``, or all."""
        return self._rows(self.packed_train, index)

    def test(self, index: Index | None = None) -> Int8[np.ndarray, "k N"]:
        """Test patterns of ±1 at ``index``, or all."""
        return self._rows(self.packed_test, index)

    def _rows(self, packed, index):
        return unpack(packed if index is None else packed[index], self.size)


def save_patterns(path: str | Path, patterns: Patterns) -> None:
    """Write `Patterns` as npz: ``train``, ``test`` packed; ``train_labels``, ``test_labels`` uint8; ``shape``."""
    write_npz(
        path,
        train=patterns.packed_train,
        test=patterns.packed_test,
        train_labels=patterns.train_labels.astype(np.uint8),
        test_labels=patterns.test_labels.astype(np.uint8),
        shape=np.array(patterns.shape, dtype=np.int64),
    )


def read_patterns(path: str | Path) -> Patterns:
    """Read a ``patterns.npz``.

    Raises:
        FileError: missing, damaged, or its arrays do not fit each other.
    """
    arrays = read_npz(path, names=("train", "test", "train_labels", "test_labels", "shape"))
    height, width = (int(length) for length in arrays["shape"])
    for split in ("train", "test"):
        packed, labels = arrays[split], arrays[f"{split}_labels"]
        expected = (len(labels), -(-height * width // 8))
        if packed.dtype != np.uint8 or packed.shape != expected:
            raise FileError(
                f"{path}: {split!r} is {packed.dtype} of shape {packed.shape}, expected uint8 of shape {expected}"
            )
    train_labels, test_labels = (arrays[f"{split}_labels"].astype(np.int64) for split in ("train", "test"))
    return Patterns(arrays["train"], arrays["test"], train_labels, test_labels, (height, width))


def write_patterns(raw_folder: str | Path, path: str | Path, *, threshold: float) -> None:
    """Binarise the four raw files of ``raw_folder`` and write them to ``path`` as `Patterns`.

    Raises:
        FileError: a raw file is missing or damaged, or images and labels do not fit each other.
    """
    packed, labels, shapes = {}, {}, {}
    for split in ("train", "test"):
        images = read_images(raw_folder, split)
        labels[split] = read_labels(raw_folder, split).astype(np.int64)
        if len(images) != len(labels[split]):
            raise FileError(
                f"{raw_folder}: found {len(images)} {split} images and {len(labels[split])} labels, expected as many of"
                " each"
            )
        packed[split], shapes[split] = pack(binarise(images, threshold=threshold)), images.shape[1:]
    if shapes["train"] != shapes["test"]:
        raise FileError(
            f"{raw_folder}: found training images of shape {shapes['train']} and test images of shape {shapes['test']},"
            " expected one shape"
        )
    save_patterns(path, Patterns(packed["train"], packed["test"], labels["train"], labels["test"], shapes["train"]))
