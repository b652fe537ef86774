"""The image nearest to a pattern in Hamming distance, exactly, by counting differing bits of packed patterns."""

import numba
import numpy as np


def as_words(packed):
    """Rows of `patterns.pack`, uint8 (n, bytes), as 64-bit words (n, ⌈bytes/8⌉)."""
    return np.ascontiguousarray(np.pad(packed, [(0, 0), (0, -packed.shape[1] % 8)])).view(np.uint64)


@numba.njit(cache=True, nogil=True)
def _ones(word):
    """Number of set bits; compilers know this form and put one instruction in its place."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@numba.njit(cache=True, nogil=True)
def _nearest(queries, images, distance, index):
    for query in range(len(queries)):
        best = np.uint64(64 * queries.shape[1] + 1)
        for image in range(len(images)):
            different = np.uint64(0)
            for word in range(queries.shape[1]):
                different += _ones(queries[query, word] ^ images[image, word])
            if different < best:
                best, index[query] = different, image
        distance[query] = best


def nearest_images(queries, images):
    """Distance (Q,) and position (Q,) of the image nearest to each query, the lowest of equals; both given as
    `as_words`.
    """
    distance, index = np.zeros((2, len(queries)), dtype=np.int64)
    _nearest(queries, images, distance, index)
    return distance, index
