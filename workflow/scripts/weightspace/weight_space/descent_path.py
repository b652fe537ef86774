"""The path of gradient descent through weight space, and the true loss on the plane of its two main directions (figure
3).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64, Int64
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from weightspace.draws import generator, initial_weights, order_of_images
from weightspace.logs import progress
from weightspace.networks import architectures
from weightspace.networks.training import LOSSES, batches, train

Pair = tuple[Float32[torch.Tensor, "n N"], Int64[torch.Tensor, " n"]]  # images and their labels

# The surface reaches beyond the path by this share of the path's extent.
_BEYOND = 0.25


def trace_descent(
    train_set: Pair,
    test_set: Pair,
    definition: Mapping[str, Any],
    *,
    shape: tuple[int, int],
    snapshots: int,
    points: int,
    images: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Train a network as its model of this seed was trained, and map the loss of some training images around the path.

    Args: ``shape``, height and width of the images; ``snapshots`` of the weights, ``points`` on each side of the
    surface, ``images`` on which its loss is taken.

    Returns: what `map_loss` returns, and the ``step`` (S,) of each snapshot.
    """
    data, labels = train_set
    module = architectures.build(definition, shape=shape, classes=int(labels.max()) + 1, seed=initial_weights(seed))
    order = order_of_images(seed)
    steps, path = record_path(module, train_set, test_set, definition, snapshots=snapshots, seed=order)
    shown = generator(seed, "images of the loss surface").permutation(len(labels))[:images]
    return map_loss(module, path, data[shown], labels[shown], loss=definition["loss"], points=points) | {"step": steps}


def record_path(
    module: nn.Module, train_set: Pair, test_set: Pair, definition: Mapping[str, Any], *, snapshots: int, seed: int
) -> tuple[Int64[np.ndarray, " S"], Float32[np.ndarray, "S d"]]:
    """Train and keep the weights at ``snapshots`` moments, denser at the start, where the weights move fastest.

    Returns: the steps of these moments, and the weights at them.
    """
    total = definition["epochs"] * len(batches(torch.arange(len(train_set[1])), definition["batch_size"]))
    wanted = np.unique(np.rint(total * np.linspace(0, 1, snapshots) ** 2).astype(int))
    kept: list[np.ndarray] = []

    def keep(step):
        if step in moments:
            kept.append(parameters_to_vector(module.parameters()).detach().numpy().copy())

    moments = set(wanted.tolist())
    train(module, train_set, test_set, definition, seed=seed, on_step=keep)
    return wanted, np.stack(kept)


def principal_plane(
    path: Float[np.ndarray, "S d"],
) -> tuple[Float64[np.ndarray, "2 d"], Float64[np.ndarray, "2"]]:
    """Directions of the largest variance of a path about its end, and the share of the variance along each.

    The end is the origin, so the plane passes through the trained weights.
    """
    offsets = path.astype(np.float64) - path[-1]
    _, singular, directions = np.linalg.svd(offsets, full_matrices=False)
    return directions[:2], singular[:2] ** 2 / (singular**2).sum()


def map_loss(
    module: nn.Module,
    path: Float[np.ndarray, "S d"],
    images: Float32[torch.Tensor, "M N"],
    labels: Int64[torch.Tensor, " M"],
    *,
    loss: str,
    points: int,
) -> dict[str, np.ndarray]:
    """The loss over the principal plane of a path and along the path, taken on images with their labels.

    The module's weights are overwritten.

    Returns: dict of arrays for `figures.gradient_descent`: the axes ``a`` and ``b``, ``loss`` (points, points) indexed
    [a, b], the projected ``path`` (S, 2), the true ``path_loss`` and the plane's loss at the projections ``plane_loss``
    (S,), and ``explained`` (2,).
    """
    directions, explained = principal_plane(path)
    projected = (path - path[-1]) @ directions.T  # (S, 2)
    low, high = projected.min(axis=0), projected.max(axis=0)
    reach = _BEYOND * (high - low).max()
    a, b = (np.linspace(low[k] - reach, high[k] + reach, points) for k in (0, 1))
    at = np.array([[x, y] for x in a for y in b])

    @torch.no_grad()
    def loss_at(vector):
        vector_to_parameters(torch.as_tensor(vector, dtype=torch.float32), module.parameters())
        return LOSSES[loss](module(images), labels).item()

    def plane_loss(coordinates):
        # One vector at a time: all of them together would not fit into memory.
        return np.array(
            [loss_at(path[-1] + coordinate @ directions) for coordinate in progress(list(coordinates), what="losses")]
        )

    return {
        "a": a,
        "b": b,
        "loss": plane_loss(at).reshape(points, points),
        "path": projected,
        "path_loss": np.array([loss_at(vector) for vector in path]),
        "plane_loss": plane_loss(projected),
        "explained": explained,
        "images": np.array(len(labels)),
    }
