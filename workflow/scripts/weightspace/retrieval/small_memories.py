"""Memories of a few neurons, by every rule, on random patterns and on shrunken digits: small enough for all their
states to be followed.
"""

import numpy as np
import pandas as pd

from weightspace.data.hypercube import random_patterns
from weightspace.data.shrunken_digits import shrink
from weightspace.draws import generator, stored_images, stored_random_patterns
from weightspace.memories import learning_rules
from weightspace.retrieval.attractors import follow_all_states

_CANDIDATES = 40  # patterns looked through for each one that is wanted, since some equal or complement others


def follow_small_memories(rules, data, *, neurons, digits, stored, seeds):
    """Train every rule on few patterns of both kinds, for all seeds, and follow all states of each memory.

    Args:
        rules: rule name to its definition, without its number of patterns.
        data: `patterns.Patterns` of which digits are shrunken.
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
            chosen, nobody = distinct(patterns, count), np.arange(count)
            for rule, definition in rules.items():
                drawn = generator(seed, "small memory", kind, count)
                memory = learning_rules.train(chosen, nobody, nobody, definition, generator=drawn).memory
                head = {"rule": rule, "data": kind, "neurons": chosen.shape[1], "stored": count, "seed": seed}
                parts.append(follow_all_states(memory).assign(**head))
    return pd.concat(parts, ignore_index=True)


def small_candidates(data, *, neurons, digits, stored, seeds):
    """Patterns among which small memories find what they store: ``(seed, "random" or "digits", patterns (K, N))``;
    arguments as above.
    """
    average = shrink(data.train().reshape(-1, *data.shape), digits).mean(axis=0)
    wanted = _CANDIDATES * max(stored)
    for seed in range(seeds):
        images = data.train(stored_images(data.train_labels, seed)[:wanted])
        yield seed, "random", random_patterns(wanted, neurons, generator=stored_random_patterns(seed))
        yield seed, "digits", shrink_digits(images.reshape(-1, *data.shape), average, digits)


def distinct(candidates, count):
    """The first ``count`` of the patterns ``candidates`` (K, N) that neither equal nor complement an earlier one."""
    canonical = candidates * candidates[:, :1]  # a pattern and its complement have the same
    _, first = np.unique(canonical, axis=0, return_index=True)
    if len(first) < count:
        raise ValueError(
            f"{count} different patterns of {candidates.shape[1]} bits are wanted, but only {len(first)} of"
            f" {len(candidates)} differ"
        )
    return candidates[np.sort(first)[:count]]


def shrink_digits(images, average, shape):
    """Images (B, H, W) as patterns (B, ∏ shape) of ±1: shrunk, less the ``average`` image so shrunk, +1 where that lies
    above its own mean.
    """
    apart = shrink(images, shape) - average
    return np.where(apart > apart.mean(axis=1, keepdims=True), 1, -1).astype(np.int8)
