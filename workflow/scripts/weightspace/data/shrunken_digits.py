"""Images shrunk to so few pixels that all 2^N patterns can be visited: cropped, averaged in blocks, thresholded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int8, Int64, Integer, Shaped, UInt8

from weightspace.data import WHITE
from weightspace.data.hypercube import random_patterns
from weightspace.data.labelled_images import LabelledImages, collect
from weightspace.data.patterns import Patterns
from weightspace.data.raw_files import read_images, read_labels
from weightspace.draws import stored_images, stored_random_patterns

_CANDIDATES = 40  # patterns looked through for each one that is wanted, since some equal or complement others


def shrink(grey: Shaped[np.ndarray, "B H W"], shape: Sequence[int]) -> Float[np.ndarray, "B N"]:
    """Mean grey level of each of ``shape`` blocks of the images; blocks differ by a pixel where the sides do not
    divide.
    """
    bands = np.array_split(grey, shape[0], axis=1)
    blocks = [
        np.stack([block.mean(axis=(1, 2)) for block in np.array_split(band, shape[1], axis=2)], axis=1)
        for band in bands
    ]
    return np.concatenate(blocks, axis=1)


@dataclass(frozen=True)
class ShrunkenDigits:
    """Training and test patterns of ±1 with labels, all of them together as ``images``, and their height and width."""

    train: Int8[np.ndarray, "n N"]
    train_labels: Int64[np.ndarray, " n"]
    test: Int8[np.ndarray, "m N"]
    test_labels: Int64[np.ndarray, " m"]
    images: LabelledImages
    shape: tuple[int, int]


def read_digits(
    raw_folder: str | Path, *, shape: Sequence[int], crop: int, threshold: float, classes: Sequence[int]
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
    return ShrunkenDigits(train, train_labels, test, test_labels, images, (shape[0], shape[1]))


def shrink_patterns(
    grey: UInt8[np.ndarray, "B H W"], *, shape: Sequence[int], crop: int, threshold: float
) -> Int8[np.ndarray, "B N"]:
    """Images as patterns of ±1."""
    height, width = grey.shape[1] - 2 * crop, grey.shape[2] - 2 * crop
    if height < shape[0] or width < shape[1]:
        raise ValueError(
            f"pattern_space.digits: a crop of {crop} leaves {height} x {width} pixels; allowed: {shape[0]} x {shape[1]}"
            " or more"
        )
    window = grey[:, crop : crop + height, crop : crop + width].astype(np.float32)
    return np.where(shrink(window, shape) > threshold * WHITE, 1, -1).astype(np.int8)


def shrink_apart(
    images: Shaped[np.ndarray, "B H W"], average: Float[np.ndarray, " N"], shape: Sequence[int]
) -> Int8[np.ndarray, "B N"]:
    """Images as patterns of ±1 that show what sets each apart: shrunk, less the ``average`` image so shrunk, +1 where
    that lies above its own mean.
    """
    return _above_mean(shrink(images, shape) - average)


def _above_mean(values):
    return np.where(values > values.mean(axis=1, keepdims=True), 1, -1).astype(np.int8)


def small_candidates(
    data: Patterns, *, neurons: int, digits: Sequence[int], stored: Sequence[int], seeds: int
) -> Iterator[tuple[int, str, Int8[np.ndarray, "K N"]]]:
    """Patterns among which small memories find what they store, for each seed "random" ones of so many neurons and
    "digits" shrunk to a (height, width): the seed, the kind and the patterns.

    Args: ``stored``, the numbers of patterns that memories store.
    """
    average = shrink(data.train().reshape(-1, *data.shape), digits).mean(axis=0)
    wanted = _CANDIDATES * max(stored)
    for seed in range(seeds):
        images = data.train(stored_images(data.train_labels, seed)[:wanted])
        yield seed, "random", random_patterns(wanted, neurons, generator=stored_random_patterns(seed))
        yield seed, "digits", shrink_apart(images.reshape(-1, *data.shape), average, digits)


def choose_class_patterns(
    grey: Shaped[np.ndarray, "B H W"], labels: Integer[np.ndarray, " B"], *, patterns: int, shape: Sequence[int]
) -> tuple[Int8[np.ndarray, "P N"], Integer[np.ndarray, " P"]]:
    """One pattern of ±1 for each of the classes whose patterns are least alike, neither equal nor complementary.

    A class's pattern is its mean image less the mean of all classes, shrunk, with +1 where that lies above its own
    average: what sets the class apart, not how much ink it takes. Of two classes one's is the other's complement: where
    even the best set holds such a pair, single images stand for the classes, the first whose patterns differ.

    Returns: the patterns and their labels, the first of the best sets of so many classes.
    """
    small = shrink(grey.astype(np.float32), shape)
    classes = np.unique(labels)
    apart = np.stack([small[labels == value].mean(axis=0) for value in classes]) - small.mean(axis=0)
    candidates = _above_mean(apart)
    alike = np.abs(candidates.astype(int) @ candidates.T)
    best = min(
        combinations(range(len(classes)), patterns),
        key=lambda chosen: sum(alike[i, j] for i, j in combinations(chosen, 2)),
    )
    if any(alike[i, j] == candidates.shape[1] for i, j in combinations(best, 2)):
        return _first_of_classes(_above_mean(small - small.mean(axis=0)), labels, patterns)
    return candidates[list(best)], classes[list(best)]


def _first_of_classes(candidates, labels, count):
    """The first candidates of ``count`` classes that neither equal nor complement one another, and their labels."""
    chosen: list[int] = []
    for place, pattern in enumerate(candidates):
        overlaps = candidates[chosen].astype(int) @ pattern
        if labels[place] not in labels[chosen] and (np.abs(overlaps) < len(pattern)).all():
            chosen.append(place)
        if len(chosen) == count:
            return candidates[chosen], labels[chosen]
    pixels = candidates.shape[1]
    raise ValueError(
        f"small_network.patterns is {count}, but images of so many classes do not differ in {pixels} pixels"
    )
