"""Deep networks as classifiers: the multilayer perceptron of the paper (section II.A.1), and one entry in
`ARCHITECTURES` per further kind, each in a file of its own.

A network's forward pass gives logits, the values *before* the output's tanh: attacks need gradients that do not vanish
where tanh saturates, and the largest logit is also the largest output. The output's tanh belongs to the loss
(`training.loss_function`).
"""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from weightspace.networks.convolutional import convolutional_network
from weightspace.networks.recurrent import recurrent_network
from weightspace.networks.torch_classifier import TorchClassifier
from weightspace.networks.user_network import user_network

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class MultilayerPerceptron(nn.Module):
    """Fully connected layers with an odd or rectifying activation between them; inputs (B, N), logits (B, C)."""

    def __init__(self, *, widths, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.activation = ACTIVATIONS[activation]

    def forward(self, inputs):
        for layer in self.layers[:-1]:
            inputs = self.activation(layer(inputs))
        return self.layers[-1](inputs)


def multilayer_perceptron(definition, *, inputs, classes):
    return MultilayerPerceptron(widths=[inputs, *definition["hidden"], classes], activation=definition["activation"])


ARCHITECTURES = {
    "mlp": multilayer_perceptron,
    "conv": convolutional_network,
    "recurrent": recurrent_network,
    "function": user_network,
}


def build(definition, *, inputs, classes, seed):
    """A network with PyTorch's default initial weights, drawn from ``seed`` alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ARCHITECTURES[definition["architecture"]](definition, inputs=inputs, classes=classes)


def scaled_grey(grey):
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
    def untrained(description):
        return build(description["definition"], inputs=description["inputs"], classes=description["classes"], seed=0)

    def predict(self, patterns):
        """Index of the largest logit, the first of equals."""
        return self.logits(patterns).argmax(axis=1)

    def answers(self, grey, patterns):
        """Labels for the grey image, and for the binarised one, which alone shows what thresholding undoes."""
        return {"grey": self.predict(scaled_grey(grey)), "binarised": self.predict(patterns)}
