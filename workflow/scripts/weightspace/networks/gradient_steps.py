"""Gradient descent of small tanh networks in float64, step by step and without PyTorch: what is asked is how single
weights move.

Loss and optimisers are those of `training`; a test compares them with PyTorch's. All rules act on each weight alone and
are odd in its gradient, so permuted and flipped starts take permuted and flipped paths (docs/theory.md, proposition 7).
"""

import numpy as np


def classification_task(patterns, count, *, classes=10):
    """The first ``count`` training images (n, N) float64 of `patterns.Patterns`, and their targets (n, C): +1 for the
    right class, -1 for others.
    """
    return patterns.train(slice(0, count)).astype(np.float64), 2 * np.eye(classes)[patterns.train_labels[:count]] - 1


def gradients(layers, inputs, targets):
    """Gradient of the paper's loss, the root mean square of ``tanh(logit) - target`` over the batch, for all weights
    and biases.

    Args: layers as in `weight_layers`, inputs (B, N), targets (B, C) of ±1. Returns: a list of pairs of the layers'
    shapes.
    """
    values = [inputs]
    for weights, biases in layers:
        values.append(np.tanh(values[-1] @ weights.T + biases))
    errors = values[-1] - targets
    loss = np.sqrt(np.square(errors).mean())
    # The loss is not differentiable at 0; nothing is left to learn there.
    back = errors / (max(loss, np.finfo(float).tiny) * errors.size) * (1 - np.square(values[-1]))
    found = []
    for number in range(len(layers) - 1, -1, -1):
        found.append((back.T @ values[number], back.sum(axis=0)))
        if number:
            back = back @ layers[number][0] * (1 - np.square(values[number]))
    return found[::-1]


def sgd(gradient, state, rate):
    """Plain gradient descent."""
    return rate * gradient


def adam(gradient, state, rate):
    """Adam (Kingma & Ba 2015) with PyTorch's settings."""
    count = state["count"] = state.get("count", 0) + 1
    mean = state["mean"] = 0.9 * state.get("mean", 0) + 0.1 * gradient
    square = state["square"] = 0.999 * state.get("square", 0) + 0.001 * gradient**2
    return rate / (1 - 0.9**count) * mean / (np.sqrt(square / (1 - 0.999**count)) + 1e-8)


def rmsprop(gradient, state, rate):
    """RMSprop (Tieleman & Hinton 2012) with PyTorch's settings."""
    square = state["square"] = 0.99 * state.get("square", 0) + 0.01 * gradient**2
    return rate * gradient / (np.sqrt(square) + 1e-8)


OPTIMISERS = {"sgd": sgd, "adam": adam, "rmsprop": rmsprop}


def descend(layers, inputs, targets, batches, *, optimiser, learning_rate):
    """Train ``layers`` in place, one step for each of ``batches``, rows of positions (steps, batch); yields the layers
    after each step.
    """
    rule = OPTIMISERS[optimiser]
    states = [({}, {}) for _ in layers]
    for batch in batches:
        for layer, slopes, memory in zip(layers, gradients(layers, inputs[batch], targets[batch]), states, strict=True):
            for part, slope, state in zip(layer, slopes, memory, strict=True):
                part -= rule(slope, state, learning_rate)
        yield layers


def draw_batches(images, *, steps, batch_size, generator):
    """Positions (steps, batch_size) of the images of each step: every image once before any is seen again, in a new
    order each time.
    """
    per_pass = images // batch_size
    if not per_pass:
        raise ValueError(
            f"batches of {batch_size} cannot be drawn from {images} images; allowed: at most as many as there are"
            " images"
        )
    passes = (
        generator.permutation(images)[: per_pass * batch_size].reshape(per_pass, batch_size)
        for _ in range(-(-steps // per_pass))
    )
    return np.concatenate(list(passes))[:steps]
