"""Deep networks as classifiers: the multilayer perceptron of the paper (section II.A.1), and one entry in `ARCHITECTURES` per further kind,
each in a file of its own.

A network's forward pass gives logits, the values *before* the output's tanh: attacks need gradients that do not vanish where tanh saturates,
and the largest logit is also the largest output. The output's tanh belongs to the loss (`training.loss_function`).
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from weightspace.convolutional import convolutional_network
from weightspace.model_files import read_model, write_model
from weightspace.recurrent import recurrent_network

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}
_BATCH = 2000


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


ARCHITECTURES = {"mlp": multilayer_perceptron, "conv": convolutional_network, "recurrent": recurrent_network}


def build(definition, *, inputs, classes, seed):
    """A network with PyTorch's default initial weights, drawn from ``seed`` alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ARCHITECTURES[definition["architecture"]](definition, inputs=inputs, classes=classes)


def scaled_grey(grey):
    """Grey levels 0 ... 255 as the reals -1 ... 1 that networks take; black and white become the ±1 of binary patterns."""
    return grey.astype(np.float32) / np.float32(127.5) - np.float32(1)


@dataclass
class Network:
    """A trained network: ``predict`` takes patterns of ±1 or scaled grey images (B, N) and gives labels (B,) int64."""

    module: nn.Module
    description: dict = field(default_factory=dict)

    def __post_init__(self):
        self.module.eval()

    @torch.no_grad()
    def logits(self, images):
        """Values before the output's activation, (B, C) float32."""
        batches = torch.as_tensor(np.asarray(images, dtype=np.float32)).split(_BATCH)
        return torch.cat([self.module(batch) for batch in batches]).numpy()

    def predict(self, patterns):
        """Index of the largest logit, the first of equals."""
        return self.logits(patterns).argmax(axis=1)

    def answers(self, grey, patterns):
        """Labels for the grey image, and for the binarised one, which alone shows what thresholding undoes."""
        return {"grey": self.predict(scaled_grey(grey)), "binarised": self.predict(patterns)}

    def save(self, path):
        tensors = {name: tensor.detach().cpu().numpy() for name, tensor in self.module.state_dict().items()}
        write_model(path, tensors, {"kind": "network", **self.description})

    @classmethod
    def load(cls, path):
        tensors, description = read_model(path)
        module = build(description["definition"], inputs=description["inputs"], classes=description["classes"], seed=0)
        module.load_state_dict({name: torch.as_tensor(array) for name, array in tensors.items()})
        return cls(module, description)
