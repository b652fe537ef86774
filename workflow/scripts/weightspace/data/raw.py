"""Grey images and labels of the raw files, as obtained; numpy only."""

from pathlib import Path

from weightspace.data import IMAGES, LABELS
from weightspace.data.idx import read_idx
from weightspace.files import FileError


def read_images(raw_folder, split):
    """Images (n, height, width) uint8 of ``split`` "train" or "test".

    Raises:
        FileError: the file is missing, damaged or does not hold images.
    """
    return _read(Path(raw_folder) / IMAGES[split], "images", dimensions=3)


def read_labels(raw_folder, split):
    """Labels (n,) uint8 of ``split`` "train" or "test".

    Raises:
        FileError: the file is missing, damaged or does not hold labels.
    """
    return _read(Path(raw_folder) / LABELS[split], "labels", dimensions=1)


def read_grey(raw_folder, split, index=None):
    """Grey levels (n, N) uint8, 0 ... 255, of the images at ``index`` (any numpy index), or of all."""
    images = read_images(raw_folder, split)
    flat = images.reshape(len(images), -1)
    return flat if index is None else flat[index]


def _read(path, what, *, dimensions):
    array = read_idx(path)
    if array.ndim != dimensions:
        raise FileError(f"{path} has {array.ndim} dimensions, expected {dimensions} for {what}")
    return array
