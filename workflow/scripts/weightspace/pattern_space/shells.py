"""Patterns drawn from the shells around labelled images, so that shells are counted although they overlap (Karp and
Luby 1983).

The shell S_d holds the patterns whose nearest image of D lies d bits away. Draw an image i of the M distinct ones, and
x among the C(N, d) patterns at distance d from it; accept x if i is its nearest image, of equally near ones that of
lowest index. Each pattern of S_d is accepted from exactly one image, so ``|S_d| = M C(N, d) P(accepted)``, and likewise
for any part of S_d: a Bernoulli variable times an exact integer.
"""

import math
from dataclasses import dataclass

import numpy as np
from numba import types
from numba.extending import intrinsic

from weightspace.compiled import compiled
from weightspace.data.labelled_images import collect
from weightspace.data.patterns import pack, unpack
from weightspace.memories.probing import flip_bits

_BLOCK = 256  # images at a time
_SCREENED = 4  # words of 64 bits that are compared before any branch


@dataclass(frozen=True)
class ShellSample:
    """What was accepted of ``draws`` patterns of each of the shells ``distances``.

    ``packed`` (B, ⌈N/8⌉), ``distance`` (B,), ``image`` (B,), the index of the nearest image, and ``masks`` (B,), the
    labels of all nearest images.
    """

    packed: np.ndarray
    distance: np.ndarray
    image: np.ndarray
    masks: np.ndarray
    distances: np.ndarray
    draws: int
    size: int

    @property
    def patterns(self):
        """The patterns (B, N) int8 of ±1."""
        return unpack(self.packed, self.size)

    def arrays(self):
        """All fields as arrays, for a file."""
        return {name: np.asarray(value) for name, value in vars(self).items()}

    @classmethod
    def of_arrays(cls, arrays):
        """The sample from what `arrays` gave."""
        return cls(**{name: int(value) if value.ndim == 0 else value for name, value in arrays.items()})


def total(images, distance):
    """``M C(N, d)``, the number of pairs of an image and a pattern at a distance from it, an integer."""
    return len(images.masks) * math.comb(images.size, distance)


def images_of(patterns):
    """D of a binarised dataset, `labelled_images.LabelledImages`: all its training and test images."""
    labels = np.concatenate([patterns.train_labels, patterns.test_labels])
    return collect(
        np.concatenate([patterns.train(), patterns.test()]), labels, np.arange(len(labels)) < len(patterns.train_labels)
    )


def draw_shells(images, distances, draws, *, generator):
    """Draw as many patterns from each shell.

    Args: images, `labelled_images.LabelledImages`; distances (bits), each from 0 to N; draws, patterns per shell,
    accepted or not.
    """
    if max(distances) > images.size:
        raise ValueError(f"a radius is {max(distances)}; allowed: at most the {images.size} pixels of a pattern")
    search, parts = Search(images), []
    for distance in distances:
        centres = generator.integers(0, len(images.masks), draws)
        drawn = flip_bits(unpack(images.packed[centres], images.size), distance, generator=generator)
        packed = pack(drawn > 0)
        accepted, masks = search.owners(packed, centres, distance)
        parts.append((packed[accepted], np.full(accepted.sum(), distance), centres[accepted], masks[accepted]))
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return ShellSample(*columns, np.asarray(distances), draws, images.size)


def shared_flips(images):
    """The single flips of images that do not make a pattern of the image's own: (image, pixel), (K, 2), with owners and
    labels as in `Search.owners`.

    All other flips of an image lead to a pattern of the first shell that is nearest to this image alone.
    """
    search = Search(images)
    rows = []
    for pair in search.pairs(2):
        differing = np.flatnonzero(np.diff(unpack(images.packed[pair], images.size), axis=0))
        rows += [(image, pixel) for image in pair for pixel in differing]
    flips = np.unique(np.array(rows, dtype=np.int64).reshape(-1, 2), axis=0)
    patterns = unpack(images.packed[flips[:, 0]], images.size)
    np.put_along_axis(patterns, flips[:, 1:], -np.take_along_axis(patterns, flips[:, 1:], axis=1), axis=1)
    return flips, *search.owners(pack(patterns > 0), flips[:, 0], 1)


class Search:
    """Images as words of 64 bits, (words, M), those first in which images differ most, so that most comparisons end
    after a few words.
    """

    def __init__(self, images):
        self._masks = images.masks
        words = _as_words(images.packed)
        ink = np.bitwise_count(words).mean(axis=0)
        self._order = np.argsort(-ink * (64 - ink), kind="stable")
        self._words = np.ascontiguousarray(np.pad(words[:, self._order].T, [(0, 0), (0, -len(words) % _BLOCK)]))

    def owners(self, packed, centres, distance):
        """Whether each pattern (B,) at this distance from its image belongs to it, and the labels of all its nearest
        images; both (B,).
        """
        words = np.ascontiguousarray(_as_words(packed)[:, self._order])
        accepted, masks = np.empty(len(words), dtype=np.bool_), np.empty(len(words), dtype=np.uint16)
        _find_owners(self._words, self._masks, words, centres, distance, accepted, masks)
        return accepted, masks

    def pairs(self, limit):
        """All pairs of images (K, 2), the lower index first, at most ``limit`` bits apart."""
        return np.array(_find_pairs(self._words, len(self._masks), limit), dtype=np.int64).reshape(-1, 2)[1:]

    def distances(self, packed):
        """Distance (B,) of each pattern to its nearest image."""
        words = np.ascontiguousarray(_as_words(packed)[:, self._order])
        nearest = np.empty(len(words), dtype=np.int64)
        _find_nearest(self._words, len(self._masks), words, nearest)
        return nearest


def _as_words(packed):
    return np.pad(packed, [(0, 0), (0, -packed.shape[1] % 8)]).view(np.uint64)


@intrinsic
def _count_bits(_typing, word):
    """Number of bits that are set in a word of 64."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@compiled
def _screen(images, first, pattern, partial):
    """Distances in the first words from a pattern to a block of images; a loop without branches, for whole vectors."""
    for lane in range(len(partial)):
        partial[lane] = 0
    for word in range(min(_SCREENED, len(images))):
        for lane in range(len(partial)):
            partial[lane] += _count_bits(images[word, first + lane] ^ pattern[word])


@compiled
def _rest(images, image, pattern):
    """Distance in the words that `_screen` leaves out."""
    found = 0
    for word in range(_SCREENED, len(images)):
        found += _count_bits(images[word, image] ^ pattern[word])
    return found


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


@compiled
def _find_nearest(images, count, patterns, nearest):
    partial = np.empty(_BLOCK, dtype=np.int64)
    for place in range(len(patterns)):
        pattern = patterns[place]
        best = 64 * len(images)
        for first in range(0, images.shape[1], _BLOCK):
            _screen(images, first, pattern, partial)
            for lane in range(_BLOCK):
                if partial[lane] < best and first + lane < count:
                    best = min(best, partial[lane] + _rest(images, first + lane, pattern))
        nearest[place] = best
