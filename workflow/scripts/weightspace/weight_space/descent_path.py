"""The path of gradient descent through weight space, and the true loss on the plane of its two main directions (figure
3).
"""

import numpy as np
import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from weightspace.logs import progress
from weightspace.networks.training import LOSSES, train

# The surface reaches beyond the path by this share of the path's extent.
_BEYOND = 0.25


def record_path(module, train_set, test_set, definition, *, snapshots, seed):
    """Train and keep the weights at ``snapshots`` moments, denser at the start, where the weights move fastest.

    Returns: steps (S,) int64 and weights (S, d) float32.
    """
    total = definition["epochs"] * -(-len(train_set[1]) // definition["batch_size"])
    wanted = np.unique(np.rint(total * np.linspace(0, 1, snapshots) ** 2).astype(int))
    kept = []

    def keep(step):
        if step in moments:
            kept.append(parameters_to_vector(module.parameters()).detach().numpy().copy())

    moments = set(wanted.tolist())
    train(module, train_set, test_set, definition, seed=seed, on_step=keep)
    return wanted, np.stack(kept)


def principal_plane(path):
    """Directions (2, d) of the largest variance of a path (S, d) about its end, and the share of the variance along
    each.

    The end is the origin, so the plane passes through the trained weights.
    """
    offsets = path.astype(np.float64) - path[-1]
    _, singular, directions = np.linalg.svd(offsets, full_matrices=False)
    return directions[:2], singular[:2] ** 2 / (singular**2).sum()


def map_loss(module, path, images, labels, *, loss, points):
    """The loss over the principal plane of a path and along the path.

    Args: module whose weights are overwritten; path (S, d); images (M, N) and labels (M,) on which the loss is taken.

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
            [loss_at(path[-1] + coordinate @ directions) for coordinate in progress(coordinates, what="losses")]
        )

    return {
        "a": a,
        "b": b,
        "loss": plane_loss(at).reshape(points, points),
        "path": projected,
        "path_loss": np.array([loss_at(vector) for vector in path]),
        "plane_loss": plane_loss(projected),
        "explained": explained,
        "images": np.int64(len(labels)),
    }
