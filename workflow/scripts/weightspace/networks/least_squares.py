"""The linear classifier that least squares gives, in closed form: no training, and nothing to choose."""

import numpy as np
from jaxtyping import Float, Float64, Int


def least_squares(images: Float[np.ndarray, "P N"], labels: Int[np.ndarray, " P"]) -> Float64[np.ndarray, "inputs C"]:
    """Weights with a bias in the last row, whose outputs have the least squared distance from targets of ±1; of several
    the shortest.
    """
    inputs = _with_bias(images)
    targets = np.where(np.arange(int(labels.max()) + 1) == labels[:, None], 1.0, -1.0)
    # Of the normal equations, which are small; pixels that never vary leave them singular.
    return np.linalg.lstsq(inputs.T @ inputs, inputs.T @ targets, rcond=1e-10)[0]


def largest_output(weights: Float64[np.ndarray, "inputs C"], images: Float[np.ndarray, "B N"]) -> Int[np.ndarray, " B"]:
    """The class with the largest output for each image."""
    return (_with_bias(images) @ weights).argmax(axis=1)


def _with_bias(images):
    return np.column_stack([images, np.ones(len(images))]).astype(np.float64)
