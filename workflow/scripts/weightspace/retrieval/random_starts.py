"""Where recall from random states ends: in a stored pattern, or elsewhere (Krotov & Hopfield 2016, appendix B)."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Int8

from weightspace.memories.memory import AssociativeMemory


def ends_in(
    memory: AssociativeMemory, stored: Int8[np.ndarray, "P N"], starts: Int8[np.ndarray, "B N"]
) -> Bool[np.ndarray, " B"]:
    """Whether recall from each start ends in one of the patterns ``stored``, to the last bit."""
    states = memory.recall(starts).states.astype(np.float32)
    return (states @ stored.T.astype(np.float32)).max(axis=1) == stored.shape[1]  # overlaps are exact


def half_load(
    make: Callable[[Int8[np.ndarray, "P N"]], AssociativeMemory],
    patterns: Int8[np.ndarray, "M N"],
    starts: Int8[np.ndarray, "B N"],
    *,
    within: float = 0.02,
) -> float:
    """The number of stored patterns at which recall ends in one of them from half of the starts.

    Args:
        make: a memory of patterns; the share that ends in them is taken to fall with their number.
        patterns: the first of these are stored.
        within: the number is known to this share of itself; it is the middle of what is left, on the logarithm.

    Raises:
        ValueError: from more than half of the starts recall ends in a pattern even if all are stored, or from fewer
            even if one is.
    """

    def holds(count):
        return 2 * int(ends_in(make(patterns[:count]), patterns[:count], starts).sum()) >= len(starts)

    below, above = 1, len(patterns)
    if not holds(below) or holds(above):
        raise ValueError(f"the share of the starts does not cross one half between 1 and {above} patterns")
    while above - below > max(1, within * below):
        middle = round(np.sqrt(below * above))
        middle = min(max(middle, below + 1), above - 1)
        below, above = (middle, above) if holds(middle) else (below, middle)
    return float(np.sqrt(below * above))
