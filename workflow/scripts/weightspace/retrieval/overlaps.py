"""How far from its pattern the state lies that Hebbian recall ends in, by load and number of neurons, beside
`mean_field`.
"""

import numpy as np
from jaxtyping import Float64

from weightspace.data.hypercube import random_patterns
from weightspace.memories.learning_rules import train_unlabelled

RETRIEVED = 0.9  # of full overlap: what ends farther away has left its pattern


def overlaps_after_recall(
    neurons: int, load: float, *, probes: int, generator: np.random.Generator
) -> Float64[np.ndarray, " probes"]:
    """Overlaps, at most 1, of the first ``probes`` of ``load · neurons`` random patterns with the states that recall
    from them ends in; of fewer patterns, of all.
    """
    patterns = random_patterns(max(1, round(load * neurons)), neurons, generator=generator)
    memory = train_unlabelled(patterns, {"rule": "hebbian"}, generator=None)
    probed = patterns[:probes]
    return (memory.recall(probed).states * probed).mean(axis=1, dtype=np.float64)


def retrieved_overlap(overlaps: Float64[np.ndarray, " n"]) -> float:
    """Mean over the patterns that are retrieved, NaN where none is: near the critical load a finite network loses some,
    which the limit of infinitely many neurons does not know.
    """
    kept = overlaps[overlaps >= RETRIEVED]
    return float(kept.mean()) if len(kept) else float("nan")
