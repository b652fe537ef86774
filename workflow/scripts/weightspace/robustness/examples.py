"""Adversarial images to look at, with what every stage makes of them (figure `adversarial_examples`)."""

from typing import Any

import numpy as np
from jaxtyping import Int64

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.classifier import Classifier
from weightspace.data.patterns import binarise, signs
from weightspace.memories.memory import AssociativeMemory
from weightspace.networks.architectures import scaled_grey

_ROWS = 6


def choose_examples(
    network: Classifier, memory: AssociativeMemory, images: AdversarialImages, *, budget: float, threshold: float
) -> dict[str, Any]:
    """The first test images that are adversarial for the network, of as many classes as can be: no choice by their
    looks.

    Args: ``budget``, one of the images'; ``threshold``, that of binarisation.

    Returns: arrays for `figures.adversarial_examples`, a row for each image, six or as many as are adversarial.
    """
    attacked = images.at(budget)
    answers = [network.predict(scaled_grey(grey)) for grey in (images.clean, attacked)]
    adversarial = np.flatnonzero((answers[0] == images.label) & (answers[1] != images.label) & (images.split == 0))
    rows = _spread_over_classes(adversarial, images.label)
    clean, attacked = images.clean[rows], attacked[rows]
    bits = [signs(binarise(grey, threshold=threshold)) for grey in (clean, attacked)]
    recalled = [memory.recall(patterns) for patterns in bits]
    data = {"label": images.label[rows], "clean": clean, "adversarial": attacked, "budget": np.float64(budget)}
    data["flipped_bits"] = (bits[0] != bits[1]).sum(axis=1)
    for state, answer, patterns, final in zip(("clean", "adversarial"), answers, bits, recalled, strict=True):
        data |= {
            f"{state}_bits": patterns,
            f"recalled_{state}": final.states,
            f"network_{state}": answer[rows],
            f"network_{state}_bits": network.predict(patterns),
            f"memory_{state}": memory.read(final),
        }
    return data


def _spread_over_classes(rows: Int64[np.ndarray, "n"], labels: Int64[np.ndarray, "M"]) -> Int64[np.ndarray, "R"]:
    """Up to six of ``rows``: the first of each class in turn, then the second of each, and so on, by class."""
    turn = np.zeros(len(rows), dtype=int)
    for value in np.unique(labels[rows]):
        same = labels[rows] == value
        turn[same] = np.arange(same.sum())
    order = np.lexsort((labels[rows], turn))[:_ROWS]
    return rows[order]
