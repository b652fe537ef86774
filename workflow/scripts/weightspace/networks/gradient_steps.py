"""Gradient descent of small tanh networks in float64, step by step and without PyTorch: what is asked is how single
weights move, and many networks are trained on few patterns.

Loss and optimisers are those of `training`; a test compares them with PyTorch's. All rules act on each weight alone and
are odd in its gradient, so permuted and flipped starts take permuted and flipped paths (docs/theory.md, proposition 7).
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from jaxtyping import Float, Int64, Integer

from weightspace.data.patterns import Patterns
from weightspace.networks.weight_layers import Layer, Layers, logits

_BLOCK = 20  # steps between looks at whether all is learnt

Rule = Callable[[Float[np.ndarray, "..."], dict[str, Any], float], Float[np.ndarray, "..."]]


def targets_of(labels: Integer[np.ndarray, "n"], classes: int) -> Float[np.ndarray, "n C"]:
    """Targets: +1 for the right class, -1 for the others."""
    return 2.0 * np.eye(classes)[labels] - 1


def classification_task(patterns: Patterns, count: int) -> tuple[Float[np.ndarray, "n N"], Float[np.ndarray, "n C"]]:
    """The first ``count`` training images and their targets."""
    labels = patterns.train_labels[:count]
    return patterns.train(slice(0, count)).astype(np.float64), targets_of(labels, patterns.classes)


def loss_of(outputs: Float[np.ndarray, "*k n C"], targets: Float[np.ndarray, "n C"]) -> Float[np.ndarray, "*k"] | float:
    """The paper's loss, root mean square error of ``tanh(logit)`` over patterns and outputs."""
    return np.sqrt(np.square(np.tanh(outputs) - targets).mean(axis=(-2, -1)))


def error_of(layers: Layers, inputs: Float[np.ndarray, "n N"], labels: Integer[np.ndarray, "n"]) -> float:
    """The share of inputs that a network answers wrongly."""
    return float((logits(layers, inputs).argmax(axis=1) != labels).mean())


def gradients(layers: Layers, inputs: Float[np.ndarray, "B N"], targets: Float[np.ndarray, "B C"]) -> list[Layer]:
    """Gradient of `loss_of` over the batch for all weights and biases, in the layers' shapes."""
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


def sgd(gradient: Float[np.ndarray, "..."], state: dict[str, Any], rate: float) -> Float[np.ndarray, "..."]:
    """Plain gradient descent."""
    return rate * gradient


def adam(gradient: Float[np.ndarray, "..."], state: dict[str, Any], rate: float) -> Float[np.ndarray, "..."]:
    """Adam (Kingma & Ba 2015) with PyTorch's settings."""
    count = state["count"] = state.get("count", 0) + 1
    mean = state["mean"] = 0.9 * state.get("mean", 0) + 0.1 * gradient
    square = state["square"] = 0.999 * state.get("square", 0) + 0.001 * gradient**2
    return rate / (1 - 0.9**count) * mean / (np.sqrt(square / (1 - 0.999**count)) + 1e-8)


def rmsprop(gradient: Float[np.ndarray, "..."], state: dict[str, Any], rate: float) -> Float[np.ndarray, "..."]:
    """RMSprop (Tieleman & Hinton 2012) with PyTorch's settings."""
    square = state["square"] = 0.99 * state.get("square", 0) + 0.01 * gradient**2
    return rate * gradient / (np.sqrt(square) + 1e-8)


OPTIMISERS: dict[str, Rule] = {"sgd": sgd, "adam": adam, "rmsprop": rmsprop}


def descend(
    layers: Layers,
    inputs: Float[np.ndarray, "n N"],
    targets: Float[np.ndarray, "n C"],
    batches: Integer[np.ndarray, "steps batch"],
    *,
    optimiser: str,
    learning_rate: float,
) -> Iterator[Layers]:
    """Train ``layers`` in place, one step for each of ``batches``, rows of positions; yields the layers after each
    step.
    """
    rule = OPTIMISERS[optimiser]
    states: list[tuple[dict[str, Any], dict[str, Any]]] = [({}, {}) for _ in layers]
    for batch in batches:
        for layer, slopes, memory in zip(layers, gradients(layers, inputs[batch], targets[batch]), states, strict=True):
            for part, slope, state in zip(layer, slopes, memory, strict=True):
                part -= rule(slope, state, learning_rate)
        yield layers


def train(
    layers: Layers,
    inputs: Float[np.ndarray, "n N"],
    targets: Float[np.ndarray, "n C"],
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
    generator: np.random.Generator,
) -> float:
    """Train in place by stochastic gradient descent on the paper's loss; returns the share of inputs still wrong."""
    batches = draw_batches(len(inputs), steps=steps, batch_size=batch_size, generator=generator)
    for _ in descend(layers, inputs, targets, batches, optimiser="sgd", learning_rate=learning_rate):
        pass
    return error_of(layers, inputs, targets.argmax(axis=1))


def train_until_learnt(
    layers: Layers,
    inputs: Float[np.ndarray, "n N"],
    targets: Float[np.ndarray, "n C"],
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
    generator: np.random.Generator,
) -> float:
    """Train in place until no input is answered wrongly, which is looked at every `_BLOCK` steps, or for about
    ``steps``, all inputs at once where they are fewer than a batch; returns the share still wrong.
    """
    wrong = 1.0
    options: dict[str, Any] = {
        "batch_size": min(batch_size, len(inputs)),
        "learning_rate": learning_rate,
        "generator": generator,
    }
    for _ in range(-(-steps // _BLOCK)):
        wrong = train(layers, inputs, targets, steps=min(_BLOCK, steps), **options)
        if wrong == 0:
            break
    return wrong


def draw_batches(
    images: int, *, steps: int, batch_size: int, generator: np.random.Generator
) -> Int64[np.ndarray, "steps batch"]:
    """Positions of the images of each step: every image once before any is seen again, in a new order each time.

    Raises:
        ValueError: a batch is larger than all images.
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
