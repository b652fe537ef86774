"""Images of a user's own, as arrays of the npz file that holds them."""

import numpy as np


def noise(shape, classes, *, train, test, levels=256):
    """Random grey levels below ``levels`` of all sizes and numbers, the classes in turns."""
    generator = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", train), ("test", test)):
        arrays[f"{split}_images"] = generator.integers(0, levels, (count, *shape), dtype=np.uint8)
        arrays[f"{split}_labels"] = np.arange(count) % classes
    return arrays
