"""Patterns drawn from the shells around labelled images, so that shells are counted although they overlap (Karp and
Luby 1983), and what these patterns are to a model.

The shell S_d holds the patterns whose nearest image of D lies d bits away. Draw an image i of the M distinct ones, and
x among the C(N, d) patterns at distance d from it; accept x if i is its nearest image, of equally near ones that of
lowest index. Each pattern of S_d is accepted from exactly one image, so ``|S_d| = M C(N, d) P(accepted)``, and likewise
for any part of S_d: a Bernoulli variable times an exact integer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int, Int8, Int64, Shaped, UInt8, UInt16

from weightspace.classifier import Classifier
from weightspace.data.hypercube import flip_bits
from weightspace.data.labelled_images import LabelledImages, collect
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import Patterns, pack, unpack
from weightspace.pattern_space import EXACT, KINDS, SAMPLED
from weightspace.pattern_space.partition import kinds_of

_BATCH = 10_000
_TRAINED = KINDS.index("P_t")


@dataclass(frozen=True)
class ShellSample:
    """What was accepted of ``draws`` patterns of each of the shells ``distances``.

    Of each pattern there are ``distance``, ``image``, the index of its nearest image, and ``masks``, the labels of all
    its nearest images.
    """

    packed: UInt8[np.ndarray, "B bytes"]
    distance: Int64[np.ndarray, " B"]
    image: Int64[np.ndarray, " B"]
    masks: UInt16[np.ndarray, " B"]
    distances: Int64[np.ndarray, " D"]
    draws: int
    size: int

    @property
    def patterns(self) -> Int8[np.ndarray, "B N"]:
        """The patterns, of ±1."""
        return unpack(self.packed, self.size)

    def arrays(self) -> dict[str, Shaped[np.ndarray, "..."]]:
        """All fields as arrays, for a file."""
        return {name: np.asarray(value) for name, value in vars(self).items()}

    @classmethod
    def of_arrays(cls, arrays: dict[str, Any]) -> "ShellSample":
        """The sample from what `arrays` gave."""
        values: dict[str, Any] = {name: int(value) if value.ndim == 0 else value for name, value in arrays.items()}
        return cls(**values)


@dataclass(frozen=True)
class SharedFlips:
    """The single flips of images that do not make a pattern of the image's own, ``flips``: pairs of image and pixel.

    ``owned`` and ``masks`` are as in `nearest_images.ImageSearch.owners`. All other flips of an image lead to a pattern
    of the first shell that is nearest to this image alone.
    """

    flips: Int64[np.ndarray, "K 2"]
    owned: Bool[np.ndarray, " K"]
    masks: UInt16[np.ndarray, " K"]

    @classmethod
    def of(cls, images: LabelledImages) -> "SharedFlips":
        """Those of all images."""
        search = ImageSearch(images.packed)
        rows = []
        for pair in search.pairs(2):
            differing = np.flatnonzero(np.diff(unpack(images.packed[pair], images.size), axis=0))
            rows += [(image, pixel) for image in pair for pixel in differing]
        flips = np.unique(np.array(rows, dtype=np.int64).reshape(-1, 2), axis=0)
        patterns = unpack(images.packed[flips[:, 0]], images.size)
        np.put_along_axis(patterns, flips[:, 1:], -np.take_along_axis(patterns, flips[:, 1:], axis=1), axis=1)
        return cls(flips, *search.owners(pack(patterns > 0), flips[:, 0], 1, images.masks))


def images_of(patterns: Patterns) -> LabelledImages:
    """D of a binarised dataset: all its training and test images."""
    labels = np.concatenate([patterns.train_labels, patterns.test_labels])
    return collect(
        np.concatenate([patterns.train(), patterns.test()]), labels, np.arange(len(labels)) < len(patterns.train_labels)
    )


def sample_shells(
    images: LabelledImages, distances: Sequence[int], draws: int, *, generator: np.random.Generator
) -> ShellSample:
    """Draw as many patterns from each shell.

    Args: distances (bits), each from 0 to N; draws, patterns per shell, accepted or not.
    """
    if max(distances) > images.size:
        raise ValueError(f"a radius is {max(distances)}; allowed: at most the {images.size} pixels of a pattern")
    search, parts = ImageSearch(images.packed), []
    for bits in distances:
        centres = generator.integers(0, len(images.masks), draws)
        drawn = flip_bits(unpack(images.packed[centres], images.size), bits, generator=generator)
        rows = pack(drawn > 0)
        accepted, labels = search.owners(rows, centres, bits, images.masks)
        parts.append((rows[accepted], np.full(accepted.sum(), bits), centres[accepted], labels[accepted]))
    packed, distance, image, masks = (np.concatenate(column) for column in zip(*parts, strict=True))
    return ShellSample(packed, distance, image, masks, np.asarray(distances), draws, images.size)


def answers_of(
    classifier: Classifier, packed: UInt8[np.ndarray, "B bytes"], size: int
) -> dict[str, Int[np.ndarray, " B"]]:
    """Labels by read-out of packed patterns of ``size`` bits, some thousands at a time."""
    parts = [
        classifier.readouts(unpack(packed[start : start + _BATCH], size)) for start in range(0, len(packed), _BATCH)
    ]
    return {readout: np.concatenate([part[readout] for part in parts]) for readout in parts[0]}


def count_kinds(
    images: LabelledImages,
    sample: ShellSample,
    learnt: Bool[np.ndarray, " M"],
    image_answers: Int[np.ndarray, " M"],
    sample_answers: Int[np.ndarray, " B"],
) -> pd.DataFrame:
    """Count kinds by shell from the answers of one read-out to all images and to the sample; ``learnt`` is T.

    Returns: rows distance, kind, labels, hits, n (patterns drawn; of shell 0 all there are) and guarantee.
    """
    right = images.bears(image_answers)
    here = np.where(learnt, _TRAINED, kinds_of(image_answers, images.masks, False))
    rows = _rows(0, here, images.masks, n=len(here), guarantee=EXACT)
    kinds = kinds_of(sample_answers, sample.masks, right[sample.image])
    for distance in sample.distances:
        inside = sample.distance == distance
        rows += _rows(int(distance), kinds[inside], sample.masks[inside], n=sample.draws, guarantee=SAMPLED)
    return pd.DataFrame(rows)


def _rows(distance, kinds, masks, *, n, guarantee):
    counts = np.zeros((len(KINDS), 2), dtype=np.int64)
    np.add.at(counts, (kinds, (np.bitwise_count(masks) > 1).astype(int)), 1)
    return rows_of(distance, counts, n=n, guarantee=guarantee)


def rows_of(distance: int, counts: Int64[np.ndarray, "kinds 2"], *, n: int, guarantee: str) -> list[dict[str, Any]]:
    """Rows of `count_kinds` from counts, the last axis for one nearest label or several; T has no pattern but in shell
    0.
    """
    head = {"distance": distance, "n": n, "guarantee": guarantee}
    return [
        {**head, "kind": kind, "labels": labels, "hits": int(counts[place, several])}
        for place, kind in enumerate(KINDS)
        if distance == 0 or place != _TRAINED
        for several, labels in enumerate(("one", "several"))
    ]
