"""Patterns as corners of the hypercube {-1, +1}^N: random ones, flips of their bits, all 2^N of them by number, and the
nearest labelled image of each.

Bit i of a pattern's number, its code, says whether pixel i is +1.
"""

import math
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int, Int8, Int64, UInt8, UInt16, UInt32
from numpy.typing import ArrayLike

from weightspace.compiled import compiled

LARGEST = 30  # bits; beyond, numbers and distances would need wider integers, and time and memory are out of reach
_INDEX_BITS = 25  # of a key of `nearest_to_all`: distance above, index of the image below
MOST_IMAGES = 2**_INDEX_BITS
_MOST_LISTED = 20  # bits of a table of all patterns: a million of them, 20 MB
# Of all 2^N patterns: the distance to the nearest image, its index, and the labels of all nearest images as bits.
Nearest = tuple[UInt8[np.ndarray, " all"], UInt32[np.ndarray, " all"], UInt16[np.ndarray, " all"]]
_UNREACHED = 127
_BLOCK_BITS = 16


class TooLarge(ValueError):
    """The space has too many patterns to be visited; the message says what it would take."""


def random_patterns(count: int, size: int, *, generator: np.random.Generator) -> Int8[np.ndarray, "{count} {size}"]:
    """Random patterns of ±1; the first rows are the same whatever ``count``."""
    return (2 * generator.integers(0, 2, (count, size)) - 1).astype(np.int8)


def flip_bits(
    patterns: Int8[np.ndarray, "B N"], distance: int, *, generator: np.random.Generator
) -> Int8[np.ndarray, "B N"]:
    """Copies of patterns of ±1, each with ``distance`` different bits flipped, drawn anew for every row."""
    size = patterns.shape[1]
    if not 0 <= distance <= size:
        raise ValueError(f"the number of flipped bits must lie between 0 and {size}, found {distance}")
    chosen = generator.random(patterns.shape).argsort(axis=1)[:, :distance]
    flipped = patterns.copy()
    np.put_along_axis(flipped, chosen, -np.take_along_axis(patterns, chosen, axis=1), axis=1)
    return flipped


def ball_size(size: int, distance: int) -> int:
    """How many patterns of ``size`` bits lie within a Hamming distance of one, itself included.

    >>> ball_size(5, 1)
    6
    """
    return sum(sphere_size(size, bits) for bits in range(distance + 1))


def sphere_size(size: int, distance: int) -> int:
    """How many patterns of ``size`` bits differ from one in exactly so many of them."""
    return math.comb(size, distance)


def distinct(patterns: Int[np.ndarray, "B N"]) -> Int64[np.ndarray, " K"]:
    """Positions, ascending, of the patterns of ±1 that neither equal nor complement an earlier one."""
    canonical = patterns * patterns[:, :1]  # a pattern and its complement have the same
    return np.sort(np.unique(canonical, axis=0, return_index=True)[1])


def first_distinct(candidates: Int8[np.ndarray, "K N"], count: int) -> Int8[np.ndarray, "{count} N"]:
    """The first ``count`` of the candidates that neither equal nor complement an earlier one."""
    places = distinct(candidates)
    if len(places) < count:
        raise ValueError(
            f"{count} different patterns of {candidates.shape[1]} bits are wanted, but only {len(places)} of"
            f" {len(candidates)} differ"
        )
    return candidates[places[:count]]


def check_size(size: int, largest: int) -> None:
    """Refuse spaces of more bits than ``largest``, or than can be numbered, with what they would take."""
    if size > min(largest, LARGEST):
        memory, minutes = 20 * 2**size / 2**30, 3e-7 * 2**size / 60
        hint = (
            f"; raise pattern_space.largest to {size} if you have that"
            if size <= LARGEST
            else f", and more than {LARGEST} bits cannot be numbered"
        )
        raise TooLarge(
            f"{size} pixels make 2^{size} patterns; allowed: at most {largest} pixels. All of them take about"
            f" {memory:,.1f} GiB of memory and {minutes:,.0f} minutes a model{hint}"
        )


def patterns_of(codes: ArrayLike, size: int) -> Int8[np.ndarray, "B {size}"]:
    """The patterns of ±1 that have these codes (B,)."""
    bits = (np.asarray(codes)[:, None] >> np.arange(size)) & 1
    return (2 * bits - 1).astype(np.int8)


def codes_of(patterns: Int[np.ndarray, "B N"]) -> Int64[np.ndarray, " B"]:
    """The code of each pattern of ±1: its row in `all_patterns`."""
    return ((patterns > 0) << np.arange(patterns.shape[1])).sum(axis=1)


def all_patterns(size: int) -> Int8[np.ndarray, "two_to_the_N {size}"]:
    """Every pattern of ``size`` bits, in the order of their codes."""
    if size > _MOST_LISTED:
        raise ValueError(f"all patterns can be listed up to N = {_MOST_LISTED}, found N = {size}")
    return patterns_of(np.arange(2**size), size)


def blocks(size: int) -> Iterator[tuple[slice, Int8[np.ndarray, "B {size}"]]]:
    """All patterns in counting order, as pairs of slice and patterns (B, N), without a table of them all."""
    step = 2 ** min(size, _BLOCK_BITS)
    low = patterns_of(np.arange(step), size)
    for start in range(0, 2**size, step):
        if start:  # only the high bits change
            low[:, _BLOCK_BITS:] = patterns_of([start], size)[:, _BLOCK_BITS:]
        yield slice(start, start + step), low


def nearest_to_all(codes: Int[np.ndarray, " M"], masks: UInt16[np.ndarray, " M"], size: int) -> Nearest:
    """The nearest of M images for each of the 2^N patterns, exactly.

    A distance transform over the hypercube, bit after bit: a pattern's nearest image among those that agree with it in
    all later bits is nearest either to it or to its neighbour across this bit.

    Args: codes, distinct, of the images, and masks of their labels.

    Returns:
        Distances; indices of the nearest image, the lowest of equally near ones; masks of the labels of all nearest
        images together. All (2^N,), in the order of codes.
    """
    if len(codes) > MOST_IMAGES:
        raise ValueError(f"{len(codes)} images; at most {MOST_IMAGES} can be told apart")
    keys = np.full(2**size, _UNREACHED << _INDEX_BITS, dtype=np.uint32)
    labels = np.zeros(2**size, dtype=np.uint16)
    keys[codes] = np.arange(len(codes), dtype=np.uint32)
    labels[codes] = masks
    _grow(keys, labels, size)
    distances = (keys >> np.uint32(_INDEX_BITS)).astype(np.uint8)
    keys &= np.uint32(MOST_IMAGES - 1)
    return distances, keys, labels


@compiled
def _grow(keys, labels, size):
    one = np.uint32(1) << np.uint32(_INDEX_BITS)
    for bit in range(size):
        step = 1 << bit
        for start in range(0, len(keys), 2 * step):
            for place in range(start, start + step):
                other = place + step
                here, there = keys[place], keys[other]
                mine, yours = labels[place], labels[other]
                near, far = here >> np.uint32(_INDEX_BITS), there >> np.uint32(_INDEX_BITS)
                keys[place] = min(here, there + one)
                keys[other] = min(there, here + one)
                # Without branches, so that the compiler fills whole vectors.
                labels[place] = (mine if near <= far + 1 else np.uint16(0)) | (
                    yours if far + 1 <= near else np.uint16(0)
                )
                labels[other] = (yours if far <= near + 1 else np.uint16(0)) | (
                    mine if near + 1 <= far else np.uint16(0)
                )
