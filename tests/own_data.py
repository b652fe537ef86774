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


def blobs(shape, classes, *, train, test):
    """Images of three soft spots for each class, with noise, the classes in turns."""
    generator = np.random.default_rng(0)
    down, right = np.mgrid[: shape[0], : shape[1]]
    spots = np.zeros((classes, *shape))
    for spot in spots:
        for _ in range(3):
            y, x = generator.uniform(0, shape)
            spot += np.exp(-((down - y) ** 2 + (right - x) ** 2) / (0.08 * max(shape) ** 2))
    spots /= spots.max(axis=(1, 2), keepdims=True)
    arrays = {}
    for split, count in (("train", train), ("test", test)):
        labels = np.arange(count) % classes
        images = generator.uniform(0.7, 1, (count, 1, 1)) * spots[labels] + generator.normal(0, 0.25, (count, *shape))
        arrays[f"{split}_images"], arrays[f"{split}_labels"] = (255 * images.clip(0, 1)).astype(np.uint8), labels
    return arrays
