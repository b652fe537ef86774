"""The image nearest to a pattern in Hamming distance, exactly, by counting differing bits of packed patterns."""

import numpy as np
from jaxtyping import Bool, Int, Int64, UInt8, UInt16, UInt64

from weightspace.compiled import compiled, count_bits

_BLOCK = 256  # images at a time
_SCREENED = 4  # words of 64 bits that are compared before any branch


class ImageSearch:
    """Images as words of 64 bits, those words first in which images differ most, so that most comparisons end after a
    few of them.

    Args: packed, the images (M, ⌈N/8⌉), rows of `patterns.pack`; patterns are asked for in the same form.
    """

    def __init__(self, packed: UInt8[np.ndarray, "M bytes"]) -> None:
        words, self._bytes = _as_words(packed), packed.shape[1]
        ink = np.bitwise_count(words).mean(axis=0)
        self._count = len(packed)
        self._order = np.argsort(-ink * (64 - ink), kind="stable")
        self._words = np.ascontiguousarray(np.pad(words[:, self._order].T, [(0, 0), (0, -len(words) % _BLOCK)]))

    def nearest(self, packed: UInt8[np.ndarray, "B bytes"]) -> tuple[Int64[np.ndarray, " B"], Int64[np.ndarray, " B"]]:
        """Distance and position of the image nearest to each pattern, the lowest of equals."""
        words = self._words_of(packed)
        distance, index = np.empty((2, len(words)), dtype=np.int64)
        _find_nearest(self._words, self._count, words, distance, index)
        return distance, index

    def owners(
        self,
        packed: UInt8[np.ndarray, "B bytes"],
        centres: Int[np.ndarray, " B"],
        distance: int,
        labels: UInt16[np.ndarray, " M"],
    ) -> tuple[Bool[np.ndarray, " B"], UInt16[np.ndarray, " B"]]:
        """Whether each pattern at this distance from the image ``centres`` has it as its nearest, of equals the lowest;
        and the labels of all images at this distance together, as bits, where ``labels`` are those of the images.
        """
        words = self._words_of(packed)
        if len(labels) != self._count or len(centres) != len(words):
            raise ValueError(
                f"{len(labels)} labels of {self._count} images and {len(centres)} centres of {len(words)} patterns;"
                " allowed: as many of each"
            )
        if len(centres) and not 0 <= centres.min() <= centres.max() < self._count:
            raise ValueError(
                f"centres lie between {centres.min()} and {centres.max()}; allowed: 0 to {self._count - 1}"
            )
        owned, masks = np.empty(len(words), dtype=np.bool_), np.empty(len(words), dtype=np.uint16)
        _find_owners(self._words, labels, words, centres, distance, owned, masks)
        return owned, masks

    def pairs(self, limit: int) -> Int64[np.ndarray, "K 2"]:
        """All pairs of images, the lower index first, at most ``limit`` bits apart."""
        return np.array(_find_pairs(self._words, self._count, limit), dtype=np.int64).reshape(-1, 2)[1:]

    def _words_of(self, packed):
        if packed.shape[1] != self._bytes:
            raise ValueError(f"patterns have {packed.shape[1]} bytes each; allowed: {self._bytes}, as the images have")
        return np.ascontiguousarray(_as_words(packed)[:, self._order])


def _as_words(packed: UInt8[np.ndarray, "n bytes"]) -> UInt64[np.ndarray, "n words"]:
    return np.ascontiguousarray(np.pad(packed, [(0, 0), (0, -packed.shape[1] % 8)])).view(np.uint64)


@compiled
def _screen(images, first, pattern, partial):
    """Distances in the first words from a pattern to a block of images; a loop without branches, for whole vectors."""
    for lane in range(len(partial)):
        partial[lane] = 0
    for word in range(min(_SCREENED, len(images))):
        for lane in range(len(partial)):
            partial[lane] += count_bits(images[word, first + lane] ^ pattern[word])


@compiled
def _rest(images, image, pattern):
    """Distance in the words that `_screen` leaves out."""
    found = 0
    for word in range(_SCREENED, len(images)):
        found += count_bits(images[word, image] ^ pattern[word])
    return found


@compiled
def _find_nearest(images, count, patterns, distance, index):
    partial = np.empty(_BLOCK, dtype=np.int64)
    for place in range(len(patterns)):
        pattern = patterns[place]
        best = 64 * len(images) + 1
        for first in range(0, images.shape[1], _BLOCK):
            _screen(images, first, pattern, partial)
            for lane in range(_BLOCK):
                image = first + lane
                if partial[lane] < best and image < count:
                    found = partial[lane] + _rest(images, image, pattern)
                    if found < best:
                        best, index[place] = found, image
        distance[place] = best


@compiled
def _find_owners(images, labels, patterns, centres, distance, accepted, masks):
    partial = np.empty(_BLOCK, dtype=np.int64)
    for place in range(len(patterns)):
        centre, pattern = centres[place], patterns[place]
        mask, owned = labels[centre], True
        for first in range(0, images.shape[1], _BLOCK):
            _screen(images, first, pattern, partial)
            for lane in range(_BLOCK):
                image = first + lane
                if partial[lane] > distance or image == centre or image >= len(labels):
                    continue
                found = partial[lane] + _rest(images, image, pattern)
                if found == distance and image > centre:
                    mask |= labels[image]
                elif found <= distance:
                    owned = False
            if not owned:
                break
        accepted[place], masks[place] = owned, mask


@compiled
def _find_pairs(images, count, limit):
    found, partial = [(0, 0)], np.empty(_BLOCK, dtype=np.int64)  # the first entry tells the compiler the type
    for place in range(count):
        pattern = images[:, place].copy()
        for first in range(place // _BLOCK * _BLOCK, images.shape[1], _BLOCK):
            _screen(images, first, pattern, partial)
            for lane in range(_BLOCK):
                image = first + lane
                if (
                    partial[lane] <= limit
                    and place < image < count
                    and partial[lane] + _rest(images, image, pattern) <= limit
                ):
                    found.append((place, image))
    return found
