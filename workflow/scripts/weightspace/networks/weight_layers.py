"""Weights of a feed-forward network as a list of layers, each a pair of arrays: weights (out, in) or (out, in, height,
width), and biases (out,).

What the geometry of the weight space works on; numpy only. A hidden layer's units feed the second axis of the next
layer's weights. Where that axis is a multiple of their number, as behind a flattened convolution, each unit has several
neighbouring columns.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float, Real

Layer = tuple[Float[np.ndarray, "_ _ ..."], Float[np.ndarray, "_"]]
Layers = Sequence[Layer]


def random_layers(sizes: Sequence[int], *, generator: np.random.Generator) -> list[Layer]:
    """Layers (float64) of a fully connected network of ``sizes`` units, from the inputs to the outputs, with PyTorch's
    initial weights and biases: uniform within ± 1/√fan-in.
    """
    layers = []
    for inputs, units in pairwise(sizes):
        bound = 1 / np.sqrt(inputs)
        layers.append((generator.uniform(-bound, bound, (units, inputs)), generator.uniform(-bound, bound, units)))
    return layers


def layers_of(tensors: Mapping[str, Any]) -> list[Layer]:
    """Layers of a network's tensors by name, ``NAME.weight`` and ``NAME.bias``, in the order of their names, numbers
    within them by size.

    Raises:
        ValueError: a tensor belongs to no layer of weights and biases, as in recurrent networks, or layers do not fit
            one another.
    """
    return layers_named(tensors, layer_names(tensors))


def layers_named(tensors: Mapping[str, Any], names: Sequence[str]) -> list[Layer]:
    """Layers of a network's tensors in the order of these names.

    Raises:
        ValueError: they do not fit one another.
    """
    layers = [
        (np.asarray(tensors[tensor_name(name, "weight")]), np.asarray(tensors[tensor_name(name, "bias")]))
        for name in names
    ]
    check_layers(layers)
    return layers


def layer_names(tensors: Mapping[str, Any]) -> list[str]:
    """Names of the layers, from the input on.

    Raises:
        ValueError: a tensor belongs to no layer of weights and biases.
    """
    names = sorted({name.rpartition(".")[0] for name in tensors}, key=_by_number)
    expected = {tensor_name(name, part) for name in names for part in ("weight", "bias")}
    if set(tensors) != expected:
        odd = sorted(set(tensors) ^ expected)[0]
        raise ValueError(
            f"the tensor {odd!r} is {'not expected' if odd in tensors else 'missing'}; allowed: NAME.weight and"
            " NAME.bias of each layer"
        )
    return names


def tensor_name(layer: str, part: str) -> str:
    """The name of a layer's tensor; a module that is a layer itself has no name."""
    return f"{layer}.{part}" if layer else part


def check_order(tensors: Mapping[str, Any]) -> None:
    """Refuse a network whose layers, in the order of their names, are not those of its module, which says what feeds
    what.

    Raises:
        ValueError: the orders differ.
    """
    registered, by_name = list(dict.fromkeys(name.rpartition(".")[0] for name in tensors)), layer_names(tensors)
    if registered != by_name:
        raise ValueError(
            f"the network's layers are {', '.join(registered)}, in the order of their names {', '.join(by_name)}; "
            "allowed: names whose order is that of the layers"
        )


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def check_layers(layers: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    """Refuse what is no feed-forward network.

    Raises:
        ValueError: no hidden layer, biases that do not fit their weights, layers that do not fit one another, or NaN.
    """
    if len(layers) < 2:
        raise ValueError(f"found {len(layers)} layers of weights; expected two at least, hence one hidden layer")
    for number, (weights, biases) in enumerate(layers):
        if weights.ndim < 2 or biases.shape != weights.shape[:1]:
            raise ValueError(
                f"layer {number} has weights {weights.shape} and biases {biases.shape}; expected (out, in, ...) and"
                " (out,)"
            )
        if np.isnan(weights).any() or np.isnan(biases).any():
            raise ValueError(f"layer {number} holds NaN; expected numbers")
    for number, ((weights, _), (following, _)) in enumerate(pairwise(layers)):
        if following.shape[1] % len(weights):
            raise ValueError(
                f"layer {number} has {len(weights)} units, but layer {number + 1} takes {following.shape[1]} values,"
                " not a multiple"
            )


def hidden_widths(layers: Layers) -> tuple[int, ...]:
    """Numbers of units of the hidden layers, first layer first."""
    return tuple(len(biases) for _, biases in layers[:-1])


def to_vector(layers: Layers) -> Float[np.ndarray, "d"]:
    """All weights and biases, layer by layer."""
    return np.concatenate([part.ravel() for layer in layers for part in layer])


def from_vector(vector: Float[np.ndarray, "d"], like: Layers) -> list[Layer]:
    """Layers of the shapes of ``like`` that hold the numbers of ``vector``; views of it, no copies.

    Raises:
        ValueError: the vector has another length.
    """
    total = sum(part.size for layer in like for part in layer)
    if len(vector) != total:
        raise ValueError(f"the vector has {len(vector)} entries; these layers have {total}")
    parts, start = [], 0
    for weights, biases in like:
        middle, end = start + weights.size, start + weights.size + biases.size
        parts.append((vector[start:middle].reshape(weights.shape), vector[middle:end]))
        start = end
    return parts


def norm(layers: Layers) -> float:
    """Euclidean length of all weights and biases together."""
    return float(np.sqrt(sum(np.vdot(part, part) for layer in layers for part in layer)))


def logits(
    layers: Layers,
    inputs: Real[np.ndarray, "B N"],
    *,
    activation: Callable[[np.ndarray], np.ndarray] = np.tanh,
) -> Float[np.ndarray, "B C"]:
    """Outputs of a fully connected network before the last activation."""
    for weights, biases in layers[:-1]:
        inputs = activation(inputs @ weights.T + biases)
    weights, biases = layers[-1]
    return inputs @ weights.T + biases
