"""Where recall leads from a given Hamming distance: back to the stored pattern, to another one, to a complement, or to
a spurious state.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Int8, Int64

from weightspace.data.hypercube import flip_bits
from weightspace.estimates import estimates_by, share_over_seeds
from weightspace.memories.memory import AssociativeMemory
from weightspace.memories.recall import Recall

OUTCOMES = ("returned", "other_stored", "complement", "spurious", "not_settled")


def measure_basins(
    memory: AssociativeMemory,
    *,
    distances: Sequence[int],
    patterns: int,
    starts: int,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Recall from ``starts`` random states at each distance from each of the first ``patterns`` stored patterns.

    The stored patterns take the classes in turns, so the first ones are as fair a choice as any. Distances are
    Hamming's (bits), each at most N.

    Returns:
        The columns distance, outcome (each of `OUTCOMES`), hits, n.
    """
    home = np.arange(min(patterns, len(memory.patterns))).repeat(starts)
    rows = []
    for distance in distances:
        recalled = memory.recall(flip_bits(memory.patterns[home], distance, generator=generator))
        found = np.bincount(outcomes(recalled, memory.patterns, home), minlength=len(OUTCOMES))
        rows += [
            {"distance": distance, "outcome": outcome, "hits": hits, "n": len(home)}
            for outcome, hits in zip(OUTCOMES, found, strict=True)
        ]
    return pd.DataFrame(rows)


def outcomes(
    recalled: Recall, stored: Int8[np.ndarray, "P N"], home: Int64[np.ndarray, " B"]
) -> Int64[np.ndarray, " B"]:
    """Which of `OUTCOMES` each recall came to, as positions, for starts near the patterns ``home`` of ``stored``."""
    size = stored.shape[1]
    overlaps = recalled.states.astype(np.float32) @ stored.T.astype(np.float32)  # (B, P), exact: at most N
    reached = {  # the first that holds
        "not_settled": ~recalled.settled,
        "returned": overlaps[np.arange(len(home)), home] == size,
        "other_stored": (overlaps == size).any(axis=1),
        "complement": (overlaps == -size).any(axis=1),
    }
    return np.select(list(reached.values()), [OUTCOMES.index(name) for name in reached], OUTCOMES.index("spurious"))


def summarise(counts: pd.DataFrame) -> pd.DataFrame:
    """The table `basins` from rows of `measure_basins` with the columns memory and seed: share of starts by memory,
    distance and outcome.
    """
    return estimates_by(
        ["memory", "distance", "outcome"], counts, lambda starts: share_over_seeds(starts.hits, starts.n)
    )
