"""Copies of trained networks of any feed-forward architecture, run by PyTorch: largest differences of outputs, by kind
of transformation.
"""

import numpy as np
import torch
from scipy.special import softmax

from weightspace.networks.architectures import Network
from weightspace.networks.weight_layers import hidden_widths, layer_names, layers_of
from weightspace.symmetry import equioutput_group
from weightspace.symmetry.equioutput import measure_copies

# What each loss makes of logits; the outputs that are compared.
OUTPUTS = {"rms": np.tanh, "mse": np.tanh, "cross_entropy": lambda logits: softmax(logits, axis=1)}


def measure_network(path, patterns, *, name, copies, generator):
    """Random copies of the network at ``path``: interchanges for all, sign flips, and positive scales for rectified
    units.

    Flips of rectified units are a control, since they are no symmetry.

    Args:
        patterns: (B, N) of ±1; copies: how many of each kind.

    Returns:
        rows as of `equioutput.measure_trained`.
    """
    network = Network.load(path)
    definition, state = network.description["definition"], network.module.state_dict()
    check_order(state)
    layers = layers_of({key: value.numpy() for key, value in state.items()})
    activation, widths = definition.get("activation", "relu"), hidden_widths(layers)
    kinds = kinds_of_copies(activation)
    options = {"activation": activation, "answer": answering(network.module), "squash": OUTPUTS[definition["loss"]]}
    rows = []
    for kind in kinds:
        drawn = [equioutput_group.random_transformation(widths, generator=generator, kind=kind) for _ in range(copies)]
        setting = {
            "weights": name,
            "activation": activation or "unknown",
            "hidden": sum(widths),
            "transformation": kind,
            "copies": "drawn",
        }
        rows += [{**setting, **row} for row in measure_copies(layers, drawn, patterns, **options)]
    return rows


def kinds_of_copies(activation):
    """Kinds of transformations that are tried on networks of an activation; of one that is not known, None,
    interchanges only.
    """
    if activation is None:
        return ("interchanges",)
    return ("signs",) if equioutput_group.symmetry_of(activation) == "signs" else ("interchanges", "scales", "signs")


def check_order(state):
    """Refuse a network whose layers, in the order of their names, are not those of its module, which says what feeds
    what.

    Raises:
        ValueError: the orders differ.
    """
    registered, sorted_ones = list(dict.fromkeys(name.rpartition(".")[0] for name in state)), layer_names(state)
    if registered != sorted_ones:
        raise ValueError(
            f"the network's layers are {', '.join(registered)}, in the order of their names {', '.join(sorted_ones)}; "
            "allowed: names whose order is that of the layers"
        )


def answering(module):
    """A function of layers and inputs (B, N), in one precision, that gives the module's logits (B, C) with these layers
    as its weights.
    """
    names = [f"{name}.{part}" for name in layer_names(module.state_dict()) for part in ("weight", "bias")]

    @torch.no_grad()
    def answer(layers, inputs):
        parts = {
            name: torch.as_tensor(part)
            for name, part in zip(names, (part for layer in layers for part in layer), strict=True)
        }
        return torch.func.functional_call(module, parts, (torch.as_tensor(inputs),)).numpy()

    return answer
