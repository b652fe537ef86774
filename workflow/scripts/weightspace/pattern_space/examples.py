"""Patterns of each part by distance, to be looked at: whether a pattern still shows a digit is a person's decision."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, Shaped, UInt8

from weightspace.classifier import Classifier
from weightspace.data.hypercube import flip_bits, random_patterns
from weightspace.data.labelled_images import LabelledImages
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import pack, unpack
from weightspace.pattern_space import KINDS, NOTHING, SHOWN
from weightspace.pattern_space.partition import kinds_of
from weightspace.pattern_space.shells import ShellSample, answers_of


def choose(
    classifier: Classifier, images: LabelledImages, sample: ShellSample, distances: Sequence[int], *, readout: str
) -> dict[str, Shaped[np.ndarray, "kinds distances ..."]]:
    """One pattern of each kind and shell, the first that was drawn.

    Returns: ``packed``; ``label``, the lowest of the nearest images' labels,
    `NOTHING` where there is none; and ``answer``.
    """
    at_images = answers_of(classifier, images.packed, images.size)[readout]
    right, learnt = images.bears(at_images), images.learnt_by(classifier)
    packed = np.zeros((len(SHOWN), len(distances), images.packed.shape[1]), dtype=np.uint8)
    label, answer = np.full((2, len(SHOWN), len(distances)), NOTHING)
    for column, distance in enumerate(distances):
        if distance == 0:
            rows, masks, given, beside = images.packed[~learnt], images.masks[~learnt], at_images[~learnt], False
        else:
            inside = sample.distance == distance
            rows, masks, beside = sample.packed[inside], sample.masks[inside], right[sample.image[inside]]
            given = answers_of(classifier, rows, images.size)[readout]
        kinds = kinds_of(given, masks, beside)
        for line, kind in enumerate(SHOWN):
            places = np.flatnonzero(kinds == KINDS.index(kind))
            if len(places):
                packed[line, column], answer[line, column] = rows[places[0]], given[places[0]]
                label[line, column] = int(masks[places[0]]).bit_length() - 1
    return {"packed": packed, "label": label, "answer": answer}


def far_patterns(
    images: LabelledImages, distances: Sequence[int], *, generator: np.random.Generator
) -> tuple[Shaped[np.ndarray, " F"], UInt8[np.ndarray, "F bytes"], Int64[np.ndarray, " F"]]:
    """Patterns outside R: one image with more and more pixels flipped, all ink, no ink, and two at random.

    Returns: names, packed patterns, and the distance of each to its nearest image.
    """
    image = unpack(images.packed[generator.integers(0, len(images.masks), 1)], images.size)
    names, patterns = [], []
    for distance in distances:
        names.append(f"{distance} flipped")
        patterns.append(flip_bits(image, distance, generator=generator))
    names += ["all ink", "no ink", "random", "random"]
    patterns += [np.ones_like(image), -np.ones_like(image), random_patterns(2, images.size, generator=generator)]
    packed = pack(np.concatenate(patterns) > 0)
    return np.array(names), packed, ImageSearch(images.packed).nearest(packed)[0]
