"""Training of many small tanh networks on few patterns, in float64 without PyTorch, as the cones, loss levels and the
effect of dimension need it.
"""

from itertools import pairwise

import numpy as np

from weightspace.networks.gradient_steps import descend, draw_batches
from weightspace.networks.weight_layers import logits


def initial_layers(widths, *, generator):
    """Initial weights and biases as PyTorch draws them, uniform within ± 1/√fan-in, for layers of ``widths`` (inputs,
    hidden ..., outputs).
    """
    layers = []
    for inputs, units in pairwise(widths):
        bound = 1 / np.sqrt(inputs)
        layers.append((generator.uniform(-bound, bound, (units, inputs)), generator.uniform(-bound, bound, units)))
    return layers


def targets_of(labels, classes):
    """Targets (n, C): +1 for the right class, −1 for the others."""
    return 2.0 * np.eye(classes)[labels] - 1


def loss_of(outputs, targets):
    """The paper's loss, root mean square error of ``tanh(logit)`` over patterns and outputs; (..., n, C) to (...)."""
    return np.sqrt(np.square(np.tanh(outputs) - targets).mean(axis=(-2, -1)))


def train_small(layers, patterns, labels, *, steps, batch_size, learning_rate, generator):
    """Train in place by stochastic gradient descent on the paper's loss; returns the share of patterns still wrong.

    Args: layers as in `weight_layers`; patterns (n, N) of ±1, labels (n,).
    """
    patterns = patterns.astype(np.float64)
    batches = draw_batches(len(patterns), steps=steps, batch_size=batch_size, generator=generator)
    for _ in descend(
        layers, patterns, targets_of(labels, len(layers[-1][1])), batches, optimiser="sgd", learning_rate=learning_rate
    ):
        pass
    return float((logits(layers, patterns).argmax(axis=1) != labels).mean())
