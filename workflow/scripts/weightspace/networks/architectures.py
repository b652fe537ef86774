"""Deep networks as classifiers: the multilayer perceptron of the paper (section II.A.1), and one entry in
`ARCHITECTURES` per further kind, each in a file of its own.

A network's forward pass gives logits, the values *before* the output's tanh: attacks need gradients that do not vanish
where tanh saturates, and the largest logit is also the largest output. The output's tanh belongs to the loss
(`training.loss_function`).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Int64, Shaped, UInt8
from torch import nn

from weightspace.classifier import Labels
from weightspace.networks.image_networks import convolutional_network, recurrent_network
from weightspace.networks.torch_classifier import TorchClassifier
from weightspace.networks.user_network import user_network

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class MultilayerPerceptron(nn.Module):
    """Fully connected layers with an odd or rectifying activation between them; inputs (B, N), logits (B, C)."""

    def __init__(self, *, widths: Sequence[int], activation: str) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.activation = ACTIVATIONS[activation]

    def forward(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        return self.layers[-1](self.hidden(inputs))

    def hidden(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B H"]:
        """Activations of the last hidden layer."""
        for layer in self.layers[:-1]:
            inputs = self.activation(layer(inputs))
        return inputs

    @torch.no_grad()
    def neighbours(self, patterns: Shaped[np.ndarray, "B N"]) -> Int64[np.ndarray, "B N"]:
        """Labels of all single flips: a flip moves the first layer's sums by one column, so only what follows is
        computed.
        """
        first, inputs = self.layers[0], torch.as_tensor(np.asarray(patterns, dtype=np.float32))
        found = np.empty(patterns.shape, dtype=np.int64)
        for row, (image, sums) in enumerate(zip(inputs, first(inputs), strict=True)):
            values = sums - 2 * image[:, None] * first.weight.T  # (N, H)
            for layer in self.layers[1:]:
                values = layer(self.activation(values))
            found[row] = values.argmax(1).numpy()
        return found


def multilayer_perceptron(
    definition: Mapping[str, Any], *, shape: tuple[int, int], classes: int
) -> MultilayerPerceptron:
    widths = [math.prod(shape), *definition["hidden"], classes]
    return MultilayerPerceptron(widths=widths, activation=definition["activation"])


ARCHITECTURES: dict[str, Callable[..., nn.Module]] = {
    "mlp": multilayer_perceptron,
    "conv": convolutional_network,
    "recurrent": recurrent_network,
    "function": user_network,
}


def build(definition: Mapping[str, Any], *, shape: tuple[int, int], classes: int, seed: int) -> nn.Module:
    """A network of images of ``shape`` (height, width), with PyTorch's default initial weights, drawn from ``seed``
    alone.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ARCHITECTURES[definition["architecture"]](definition, shape=shape, classes=classes)


def scaled_grey(grey: UInt8[np.ndarray, "B N"]) -> Float[np.ndarray, "B N"]:
    """Grey levels 0 ... 255 as the reals -1 ... 1 that networks take; black and white become the ±1 of binary
    patterns.
    """
    return grey.astype(np.float32) / np.float32(127.5) - np.float32(1)


class Network(TorchClassifier):
    """A trained network: ``predict`` takes patterns of ±1 or scaled grey images (B, N) and gives labels (B,) int64.

    Its logits are the values before the output's activation.
    """

    KIND = "network"

    @staticmethod
    def untrained(description: dict[str, Any]) -> nn.Module:
        shape = tuple(description["shape"])
        return build(description["definition"], shape=shape, classes=description["classes"], seed=0)

    def answers(self, grey: UInt8[np.ndarray, "B N"], patterns: Shaped[np.ndarray, "B N"]) -> dict[str, Labels]:
        """Labels for the grey image, and for the binarised one, which alone shows what thresholding undoes."""
        return {"grey": self.predict(scaled_grey(grey)), **super().answers(grey, patterns)}

    @property
    def perceptron(self) -> MultilayerPerceptron | None:
        return self.module if isinstance(self.module, MultilayerPerceptron) else None

    def neighbours(self, patterns: Shaped[np.ndarray, "B N"]) -> Int[np.ndarray, "B N"]:
        return super().neighbours(patterns) if self.perceptron is None else self.perceptron.neighbours(patterns)
