"""A Hopfield network of six neurons trained on digits of 3 x 2 pixels, all of whose 64 states are followed (figure
1).
"""

from itertools import combinations

import numpy as np

from weightspace.data.hypercube import all_patterns, codes_of
from weightspace.data.shrunken_digits import shrink
from weightspace.memories import hopfield
from weightspace.memories.recall import recall

SHAPE = (3, 2)
STORED, COMPLEMENT, SPURIOUS = range(3)


def choose_digits(grey, labels, *, patterns, shape=SHAPE):
    """One pattern of ±1 for each of the classes whose patterns are least alike, neither equal nor complementary.

    A class's pattern is its mean image less the mean of all classes, shrunk, with +1 where that lies above its own
    average: what sets the class apart, not how much ink it takes.

    Args: grey (B, H, W) uint8, labels (B,). Returns: patterns (P, N) int8 and labels (P,), the first of the best sets
    of P classes.
    """
    small = shrink(grey.astype(np.float32), shape)
    classes = np.unique(labels)
    apart = np.stack([small[labels == value].mean(axis=0) for value in classes]) - small.mean(axis=0)
    candidates = np.where(apart > apart.mean(axis=1, keepdims=True), 1, -1).astype(np.int8)
    alike = np.abs(candidates.astype(int) @ candidates.T)
    best = min(
        combinations(range(len(classes)), patterns),
        key=lambda chosen: sum(alike[i, j] for i, j in combinations(chosen, 2)),
    )
    if any(alike[i, j] == candidates.shape[1] for i, j in combinations(best, 2)):
        raise ValueError(
            f"small_network.patterns is {patterns}, but so few classes have different patterns of {candidates.shape[1]}"
            " pixels"
        )
    return candidates[list(best)], classes[list(best)]


def follow_all_states(patterns, labels, *, margin, generator):
    """Train iteratively, then recall every one of the 2^N states.

    Returns: dict of arrays for `figures.hopfield_network`: weights (the integers 2 N W) with ``scale`` = 2 N, the
    stored patterns, all states in counting order, their energies, which are fixed, where each ends and of what kind
    that end is.
    """
    size = patterns.shape[1]
    weights = hopfield.iterative(patterns, margin=margin, flip_share=1, passes=1000, generator=generator)
    states = all_patterns(size)
    final = recall(weights, states, sweeps=1000).states
    target = codes_of(final)
    overlap = hopfield.exact_product(final, patterns.T)
    kind = np.where(
        (overlap == size).any(axis=1), STORED, np.where((overlap == -size).any(axis=1), COMPLEMENT, SPURIOUS)
    )
    return {
        "weights": weights,
        "scale": np.float64(hopfield.natural_scale(size)),
        "patterns": patterns,
        "labels": labels,
        "states": states,
        "energy": hopfield.energy(weights, states),
        "fixed": target == np.arange(2**size),
        "target": target,
        "kind": kind.astype(np.int8),
        "shape": np.array(SHAPE),
    }
