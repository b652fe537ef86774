"""Everything that is drawn at random comes from (base seed, purpose, index): a draw added for one purpose never changes
another's.

A draw that several places must agree on is a function here, so that no purpose is spelt twice. All others name their
purpose where they draw.
"""

import hashlib
from typing import Any

import numpy as np
from jaxtyping import Int64, Integer


def seed_for(base: int, purpose: str, *index: Any) -> int:
    """A 63-bit integer that depends on all arguments and on nothing else (SHA-256).

    >>> seed_for(0, "stored patterns") == seed_for(0, "stored patterns")
    True
    >>> seed_for(0, "stored patterns") == seed_for(1, "stored patterns")
    False
    """
    digest = hashlib.sha256(repr((int(base), str(purpose), *index)).encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def generator(base: int, purpose: str, *index: Any) -> np.random.Generator:
    """A numpy Generator seeded by `seed_for`."""
    return np.random.default_rng(seed_for(base, purpose, *index))


def balanced_order(labels: Integer[np.ndarray, "n"], *, generator: np.random.Generator) -> Int64[np.ndarray, "n"]:
    """An order of all images in which every prefix holds the classes as evenly as can be.

    The classes take turns, in an order drawn anew for each turn, so the first 40 of ten classes hold four of each, and
    what takes more images of the same order has all that takes fewer.
    """
    shuffled = [generator.permutation(np.flatnonzero(labels == value)) for value in np.unique(labels)]
    turns = []
    for turn in range(max(map(len, shuffled))):
        present = [members[turn] for members in shuffled if turn < len(members)]
        turns.append(generator.permutation(present))
    return np.concatenate(turns)


def stored_images(labels: Integer[np.ndarray, "n"], seed: int) -> Int64[np.ndarray, "n"]:
    """The training images in the order in which all memories of a seed store them, however many they store."""
    return balanced_order(labels, generator=generator(seed, "stored patterns"))


def attacked_images(count: int, seed: int) -> Int64[np.ndarray, "n"]:
    """The ``count`` test images in the order in which a seed attacks them, on grey levels as on bits."""
    return generator(seed, "attacked test images").permutation(count)


def attack_seed(attack: str, seed: int) -> int:
    """The seed of what the attack of this name draws."""
    return seed_for(seed, f"attack {attack}")


def order_of_neurons(count: int, seed: int) -> Int64[np.ndarray, "N"]:
    """The order in which ``count`` neurons are updated where it is a random one."""
    return generator(seed, "order of neurons").permutation(count)


def checked_bits(seed: int) -> np.random.Generator:
    """For the single flips that iterative learning checks in each pass."""
    return generator(seed, "checked bits")


def stored_random_patterns(seed: int) -> np.random.Generator:
    """For the random patterns that memories store in place of images."""
    return generator(seed, "random patterns")


def equioutput_copies(seed: int, *network: str) -> np.random.Generator:
    """For the transformations that copy a network's weights."""
    return generator(seed, "copies", *network)


def initial_weights(seed: int) -> int:
    """The seed of a network's weights before training."""
    return seed_for(seed, "initial weights")


def order_of_images(seed: int) -> int:
    """The seed of the order in which a network meets its training images."""
    return seed_for(seed, "order of images")
