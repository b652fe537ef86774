"""Images shrunk to so few pixels that all 2^N patterns can be visited: cropped, averaged in blocks, thresholded."""

from dataclasses import dataclass

import numpy as np

from weightspace.data.labelled_images import LabelledImages, collect
from weightspace.data.raw_files import read_images, read_labels

_FULL = 255  # grey level of full scale


def shrink(grey, shape):
    """Mean grey level of each block of the images, (B, H, W) to (B, ∏ shape); blocks differ by a pixel where the sides
    do not divide.
    """
    bands = np.array_split(grey, shape[0], axis=1)
    blocks = [
        np.stack([block.mean(axis=(1, 2)) for block in np.array_split(band, shape[1], axis=2)], axis=1)
        for band in bands
    ]
    return np.concatenate(blocks, axis=1)


@dataclass(frozen=True)
class ShrunkenDigits:
    """Training and test patterns (n, N) int8 of ±1 with labels (n,) int64, and all of them together as ``images``."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    images: LabelledImages


def read_digits(raw_folder, *, shape, crop, threshold, classes):
    """Read and shrink the images of some classes.

    Args:
        shape: (height, width) in blocks; crop: pixels cut off at each of the four sides.
        threshold: a block is +1 where its mean grey level is above this share of full scale.
        classes: labels of the images that are kept.

    Raises:
        ValueError: the crop leaves fewer pixels than blocks, or there is no image of one of the classes.
    """
    parts = {}
    for split in ("train", "test"):
        grey, labels = read_images(raw_folder, split), read_labels(raw_folder, split).astype(np.int64)
        kept = np.isin(labels, classes)
        missing = sorted(set(classes) - set(labels[kept].tolist()))
        if missing:
            raise ValueError(
                f"pattern_space.digits: no {split} image has the label {missing[0]}; allowed: {labels.min()} to"
                f" {labels.max()}"
            )
        parts[split] = shrink_patterns(grey[kept], shape=shape, crop=crop, threshold=threshold), labels[kept]
    (train, train_labels), (test, test_labels) = parts["train"], parts["test"]
    is_training = np.arange(len(train) + len(test)) < len(train)
    images = collect(np.concatenate([train, test]), np.concatenate([train_labels, test_labels]), is_training)
    return ShrunkenDigits(train, train_labels, test, test_labels, images)


def shrink_patterns(grey, *, shape, crop, threshold):
    """Images (B, H, W) uint8 as patterns (B, ∏ shape) int8 of ±1."""
    height, width = grey.shape[1] - 2 * crop, grey.shape[2] - 2 * crop
    if height < shape[0] or width < shape[1]:
        raise ValueError(
            f"pattern_space.digits: a crop of {crop} leaves {height} x {width} pixels; allowed: {shape[0]} x {shape[1]}"
            " or more"
        )
    window = grey[:, crop : crop + height, crop : crop + width].astype(np.float32)
    return np.where(shrink(window, shape) > threshold * _FULL, 1, -1).astype(np.int8)
