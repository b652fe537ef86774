"""Memories of a few neurons, small enough for all their states to be followed: by every rule, on random patterns and on
shrunken digits, and one of six neurons that is shown whole (figure 1).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int8, Integer

from weightspace.data.hypercube import all_patterns, codes_of, first_distinct
from weightspace.data.patterns import Patterns
from weightspace.data.shrunken_digits import small_candidates
from weightspace.draws import generator
from weightspace.memories import hopfield, learning_rules, quadratic_rules
from weightspace.memories.recall import recall
from weightspace.retrieval.attractors import follow_all_states

SHAPE = (3, 2)  # height and width of the six neurons
STORED, COMPLEMENT, SPURIOUS = range(3)


def follow_small_memories(
    rules: Mapping[str, Mapping[str, Any]],
    data: Patterns,
    *,
    neurons: int,
    digits: Sequence[int],
    stored: Sequence[int],
    seeds: int,
) -> pd.DataFrame:
    """Train every rule on few patterns of both kinds, for all seeds, and follow all states of each memory.

    Args:
        rules: rule name to its definition, without its number of patterns.
        data: of which digits are shrunken.
        neurons: N of the random patterns, 20 at most.
        digits: (height, width) of the shrunken digits, 20 pixels at most.
        stored: numbers of stored patterns.
        seeds: number of draws.

    Returns:
        Rows of `attractors.follow_all_states` with the columns rule, data ("random" or "digits"), neurons, stored,
        seed.
    """
    parts = []
    for seed, kind, patterns in small_candidates(data, neurons=neurons, digits=digits, stored=stored, seeds=seeds):
        for count in stored:
            chosen = first_distinct(patterns, count)
            for rule, definition in rules.items():
                drawn = generator(seed, "small memory", kind, count)
                memory = learning_rules.train_unlabelled(chosen, definition, generator=drawn)
                head = {"rule": rule, "data": kind, "neurons": chosen.shape[1], "stored": count, "seed": seed}
                parts.append(follow_all_states(memory).assign(**head))
    return pd.concat(parts, ignore_index=True)


def follow_small_network(
    patterns: Int8[np.ndarray, "P N"], labels: Integer[np.ndarray, " P"], *, margin: float, shape: Sequence[int] = SHAPE
) -> dict[str, np.ndarray]:
    """Train iteratively, then recall every one of the 2^N states.

    Returns: dict of arrays for `figures.hopfield_network`: weights (the integers 2 N W) with ``scale`` = 2 N, the
    stored patterns, all states in counting order, their energies, which are fixed, where each ends and of what kind
    that end is.
    """
    size = patterns.shape[1]
    weights = quadratic_rules.iterative(patterns, margin=margin, flip_share=1, passes=1000, generator=None)
    states = all_patterns(size)
    final = recall(weights, states, sweeps=1000).states
    target = codes_of(final)
    overlap = hopfield.exact_product(final, patterns.T)
    ends = [(overlap == size).any(axis=1), (overlap == -size).any(axis=1)]
    return {
        "weights": weights,
        "scale": np.array(float(hopfield.natural_scale(size))),
        "patterns": patterns,
        "labels": labels,
        "states": states,
        "energy": hopfield.energy(weights, states),
        "fixed": target == np.arange(2**size),
        "target": target,
        "kind": np.select(ends, [STORED, COMPLEMENT], SPURIOUS).astype(np.int8),
        "shape": np.array(shape),
    }
