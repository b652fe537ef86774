"""Does recall end in the stored pattern closest to the input (claim C20)? For stored patterns with some bits flipped,
and for test images.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int8

from weightspace.data.hypercube import flip_bits
from weightspace.estimates import estimates_by, share_of_seeds, share_over_seeds
from weightspace.memories.hopfield import exact_product
from weightspace.memories.memory import AssociativeMemory

FLIPPED = 0.1  # share of the bits of a stored pattern that are flipped


def count_nearest(
    memory: AssociativeMemory, images: Int8[np.ndarray, "B N"], *, generator: np.random.Generator
) -> list[dict[str, Any]]:
    """How many inputs end in their nearest stored pattern, of those that have one nearest: rows inputs, hits, n."""
    flips = round(FLIPPED * memory.patterns.shape[1])
    inputs = {"stored_flipped": flip_bits(memory.patterns, flips, generator=generator), "test": images}
    return [{"inputs": name, **_count(memory, states)} for name, states in inputs.items()]


def _count(memory, states):
    overlaps = exact_product(states, memory.patterns.T)
    unique = (overlaps == overlaps.max(axis=1, keepdims=True)).sum(axis=1) == 1
    final = memory.recall(states).states
    ended = (final == memory.patterns[overlaps.argmax(axis=1)]).all(axis=1)
    return {"hits": int((ended & unique).sum()), "n": int(unique.sum())}


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """The table `nearest_pattern` by memory and inputs: the share of inputs over seeds, and the share of seeds in which
    more than half of them end there (``most_end_nearest``).
    """
    return estimates_by(["memory", "inputs"], rows, _estimates)


def _estimates(seeds: pd.DataFrame) -> Iterator[Mapping[str, Any]]:
    yield {"quantity": "share", **vars(share_over_seeds(seeds.hits, seeds.n))}
    yield {"quantity": "most_end_nearest", **vars(share_of_seeds(2 * seeds.hits > seeds.n))}
