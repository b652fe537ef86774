"""Which training images the memories of a seed store; attacks on stored images need the same choice, and no memory."""

import numpy as np


def choose_stored(labels, *, generator):
    """An order of all training images in which every prefix holds the classes as evenly as can be, shape (n,) int64.

    The classes take turns, in an order drawn anew for each turn, so the first 40 of ten classes hold four of each, and
    a larger memory of the same seed stores all that a smaller one does.
    """
    shuffled = [generator.permutation(np.flatnonzero(labels == value)) for value in np.unique(labels)]
    turns = []
    for turn in range(max(map(len, shuffled))):
        present = [members[turn] for members in shuffled if turn < len(members)]
        turns.append(generator.permutation(present))
    return np.concatenate(turns)
