"""A quadratic memory that holds labels as further bits of its patterns: recall from an image whose label bits are blank
fills them in.

Label bits stand in front, so that sequential recall updates them first, from the whole image.
"""

import numpy as np
from jaxtyping import Int, Int8, Int64

from weightspace.memories.hopfield import check_patterns


def with_label_bits(
    patterns: Int8[np.ndarray, "P N"], labels: Int[np.ndarray, " P"], classes: int
) -> Int8[np.ndarray, "P bits"]:
    """Patterns of ±1, and in front of each one bit per class, +1 for its own."""
    bits = np.where(np.arange(classes) == np.asarray(labels)[:, None], 1, -1).astype(np.int8)
    return np.concatenate([bits, check_patterns(patterns)], axis=1)


def with_blank_bits(patterns: Int8[np.ndarray, "B N"], classes: int) -> Int8[np.ndarray, "B bits"]:
    """Patterns of ±1, and in front of each a bit of -1 per class: no label yet."""
    return np.concatenate([-np.ones((len(patterns), classes), dtype=np.int8), check_patterns(patterns)], axis=1)


def read_label_bits(states: Int8[np.ndarray, "B bits"], classes: int) -> Int64[np.ndarray, " B"]:
    """The class whose bits are nearest to the first ones of each state, the first of equals."""
    return states[:, :classes].argmax(axis=1)
