"""Draws of many images at once, each from a stream of its own, so that none depends on which others are there.

A generator for each image would cost more than the questions that its draws are for. SplitMix64 (Steele, Lea & Flood
2014) makes the n-th number of a stream from its key and n alone, in integers, so it is the same on every processor.
"""

import numpy as np
from jaxtyping import Float64, Int, Int64, UInt64

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)


class Streams:
    """A stream for each of the ``keys``; streams are named by their places."""

    def __init__(self, keys: UInt64[np.ndarray, " B"]) -> None:
        self._keys, self._drawn = keys, np.zeros(len(keys), dtype=np.uint64)

    def bits(self, rows: Int[np.ndarray, " R"], count: int) -> UInt64[np.ndarray, "R {count}"]:
        """The next numbers of 64 random bits of these streams."""
        numbers = self._drawn[rows][:, None] + np.arange(1, count + 1, dtype=np.uint64)
        self._drawn[rows] += np.uint64(count)
        mixed = self._keys[rows][:, None] + numbers * _STEP
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
        return mixed ^ (mixed >> np.uint64(31))

    def uniform(self, rows: Int[np.ndarray, " R"], count: int) -> Float64[np.ndarray, "R {count}"]:
        """The next numbers in 0 ... 1."""
        return (self.bits(rows, count) >> np.uint64(11)) * 2.0**-53


def below(bits: UInt64[np.ndarray, "*shape"], sizes: int | Int[np.ndarray, "*sizes"]) -> Int64[np.ndarray, "*shape"]:
    """Random bits made integers from 0 to ``sizes`` - 1, of sizes under 2^32."""
    return (((bits >> _HALF) * np.asarray(sizes, dtype=np.uint64)) >> _HALF).astype(np.int64)


def distinct(bits: UInt64[np.ndarray, "R K J"], sizes: Int[np.ndarray, " R"]) -> Int64[np.ndarray, "R K J"]:
    """Of each row K draws of J different integers from 0 to the row's size - 1; those beyond its size are any."""
    drawn = np.zeros(bits.shape, dtype=np.int64)
    for place in range(bits.shape[2]):
        one = below(bits[:, :, place], np.maximum(sizes - place, 1)[:, None])
        # The one-th of the integers that are left: each smaller one that is gone moves it up.
        for earlier in np.moveaxis(np.sort(drawn[:, :, :place], axis=2), 2, 0):
            one += one >= earlier
        drawn[:, :, place] = one
    return drawn
