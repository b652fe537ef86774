"""Patterns of ±1 and the file that holds them, bit-packed: ``patterns.npz``; numpy only."""

import math
from dataclasses import dataclass

import numpy as np

from weightspace.files import FileError, read_npz, write_npz


def pack(bits):
    """Pack bits (n, N) of 0 and 1 into uint8 rows (n, ⌈N/8⌉), the first bit highest (`numpy.packbits`)."""
    return np.packbits(bits, axis=1)


def unpack(packed, size):
    """Unpack rows of `pack` into patterns (n, ``size``) int8 of ±1: -1 where the bit is 0, +1 where it is 1."""
    return signs(np.unpackbits(packed, axis=1, count=size))


def signs(bits):
    """Bits of 0 and 1, any shape, as int8 of -1 and +1."""
    return np.asarray(bits).astype(np.int8) * np.int8(2) - np.int8(1)


@dataclass(frozen=True)
class Patterns:
    """A binarised dataset: packed rows uint8, labels (n,) int64, and the images' shape (height, width)."""

    packed_train: np.ndarray
    packed_test: np.ndarray
    train_labels: np.ndarray
    test_labels: np.ndarray
    shape: tuple

    @property
    def size(self):
        """N, the number of pixels of a pattern."""
        return math.prod(self.shape)

    @property
    def classes(self):
        """C, the number of classes; labels are 0 ... C - 1."""
        return int(self.train_labels.max()) + 1

    def train(self, index=None):
        """Training patterns (n, N) int8 of ±1 at ``index`` (slice, mask or sequence of positions), or all."""
        return self._rows(self.packed_train, index)

    def test(self, index=None):
        """Test patterns (n, N) int8 of ±1 at ``index`` (slice, mask or sequence of positions), or all."""
        return self._rows(self.packed_test, index)

    def _rows(self, packed, index):
        return unpack(packed if index is None else packed[index], self.size)


def save_patterns(path, patterns):
    """Write `Patterns` as npz: ``train``, ``test`` packed; ``train_labels``, ``test_labels`` uint8; ``shape``."""
    write_npz(
        path,
        train=patterns.packed_train,
        test=patterns.packed_test,
        train_labels=patterns.train_labels.astype(np.uint8),
        test_labels=patterns.test_labels.astype(np.uint8),
        shape=np.array(patterns.shape, dtype=np.int64),
    )


def read_patterns(path):
    """Read a ``patterns.npz``.

    Raises:
        FileError: missing, damaged, or its arrays do not fit each other.
    """
    arrays = read_npz(path, names=("train", "test", "train_labels", "test_labels", "shape"))
    shape = tuple(int(length) for length in arrays["shape"])
    for split in ("train", "test"):
        packed, labels = arrays[split], arrays[f"{split}_labels"]
        expected = (len(labels), -(-math.prod(shape) // 8))
        if packed.dtype != np.uint8 or packed.shape != expected:
            raise FileError(
                f"{path}: {split!r} is {packed.dtype} of shape {packed.shape}, expected uint8 of shape {expected}"
            )
    labels = (arrays[f"{split}_labels"].astype(np.int64) for split in ("train", "test"))
    return Patterns(arrays["train"], arrays["test"], *labels, shape)
