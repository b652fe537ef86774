"""What memories are probed with: random patterns, patterns with flipped bits, and a single synchronous step."""

from dataclasses import replace

import numpy as np


def flip_bits(patterns, distance, *, generator):
    """Copies of ``patterns`` (B, N) int8, each with ``distance`` different bits flipped, drawn anew for every row."""
    size = patterns.shape[1]
    if not 0 <= distance <= size:
        raise ValueError(f"the number of flipped bits must lie between 0 and {size}, found {distance}")
    chosen = generator.random(patterns.shape).argsort(axis=1)[:, :distance]
    flipped = patterns.copy()
    np.put_along_axis(flipped, chosen, -np.take_along_axis(patterns, chosen, axis=1), axis=1)
    return flipped


def random_patterns(count, size, *, generator):
    """Random patterns (count, size) int8 of ±1; the first rows are the same whatever ``count``."""
    return (2 * generator.integers(0, 2, (count, size)) - 1).astype(np.int8)


def step(memory, states):
    """All neurons updated at once, once: the next states (B, N) of the synchronous rule."""
    return replace(memory, sweeps=1).recall(states, order="synchronous").states
