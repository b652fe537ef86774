"""Images shrunk to so few pixels that all 2^N patterns can be visited: cropped, averaged in blocks, thresholded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int8, Int64, Shaped, UInt8

from weightspace.data.labelled_images import LabelledImages, collect
from weightspace.data.raw_files import read_images, read_labels

_FULL = 255  # grey level of full scale


def shrink(grey: Shaped[np.ndarray, "B H W"], shape: tuple[int, int]) -> Float[np.ndarray, "B blocks"]:
    """Mean grey level of each of the ∏ ``shape`` blocks of the images; blocks differ by a pixel where the sides
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
    """Training and test patterns of ±1 with their labels, and all of them together as ``images``."""

    train: Int8[np.ndarray, "n N"]
    train_labels: Int64[np.ndarray, " n"]
    test: Int8[np.ndarray, "m N"]
    test_labels: Int64[np.ndarray, " m"]
    images: LabelledImages


def read_digits(
    raw_folder: str | Path, *, shape: tuple[int, int], crop: int, threshold: float, classes: Sequence[int]
) -> ShrunkenDigits:
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


def shrink_patterns(
    grey: UInt8[np.ndarray, "B H W"], *, shape: tuple[int, int], crop: int, threshold: float
) -> Int8[np.ndarray, "B blocks"]:
    """Patterns of ±1 of images, cropped and shrunk."""
    height, width = grey.shape[1] - 2 * crop, grey.shape[2] - 2 * crop
    if height < shape[0] or width < shape[1]:
        raise ValueError(
            f"pattern_space.digits: a crop of {crop} leaves {height} x {width} pixels; allowed: {shape[0]} x {shape[1]}"
            " or more"
        )
    window = grey[:, crop : crop + height, crop : crop + width].astype(np.float32)
    return np.where(shrink(window, shape) > threshold * _FULL, 1, -1).astype(np.int8)
