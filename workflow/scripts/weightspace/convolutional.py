"""A small convolutional network with a dense head, in the manner of LeNet (LeCun et al. 1998)."""

import math

import torch
from torch import nn


class ConvolutionalNetwork(nn.Module):
    """Convolutions of stride 2 with rectified units, then one dense hidden layer; inputs (B, N) of square images, logits (B, C).

    Raises:
        ValueError: N is no square number.
    """

    def __init__(self, *, side, channels, kernel, hidden, classes):
        super().__init__()
        self.side = side
        convolutions, before = [], 1
        for after in channels:
            convolutions.append(nn.Conv2d(before, after, kernel, stride=2, padding=kernel // 2))
            before, side = after, (side - 1) // 2 + 1
        self.convolutions = nn.ModuleList(convolutions)
        self.dense = nn.Linear(before * side * side, hidden)
        self.output = nn.Linear(hidden, classes)

    def forward(self, inputs):
        maps = inputs.reshape(len(inputs), 1, self.side, self.side)
        for convolution in self.convolutions:
            maps = torch.relu(convolution(maps))  # (B, channels, side, side), half the side each time
        return self.output(torch.relu(self.dense(maps.flatten(1))))


def side_of(inputs):
    """Pixels on each side of a square image of ``inputs`` pixels.

    Raises:
        ValueError: there is no such square.
    """
    side = math.isqrt(inputs)
    if side * side != inputs:
        raise ValueError(f"images of {inputs} pixels are not square; this network needs rows")
    return side


def convolutional_network(definition, *, inputs, classes):
    return ConvolutionalNetwork(
        side=side_of(inputs), channels=definition["channels"], kernel=definition["kernel"], hidden=definition["hidden"], classes=classes
    )
