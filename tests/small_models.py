"""Small models whose smallest numbers of flips are known or can be counted, for tests of attacks by flips."""

import numpy as np
import torch
from torch import nn

from weightspace.attacks import flips
from weightspace.attacks.surrogates import margin_gradient, to_tensors
from weightspace.data.hypercube import random_patterns
from weightspace.memories.dense import DenseMemory
from weightspace.memories.dense_energy import Interaction
from weightspace.memories.learning_rules import train

SIZE = 20


MLP = {"architecture": "mlp", "hidden": [12, 9], "activation": "tanh"}


def rng(seed=0):
    return np.random.default_rng(seed)


class Linear(nn.Module):
    """Two classes by the sign of ``w·x``."""

    def __init__(self, weights):
        super().__init__()
        self.weights = torch.as_tensor(weights, dtype=torch.float32)

    def forward(self, inputs):
        field = inputs @ self.weights
        return torch.stack([-field, field], dim=1)


def linear(seed, size=SIZE):
    """A linear model, its images with right labels, and the smallest number of flips that misleads it, by its
    definition.
    """
    weights = rng(seed).normal(size=size)
    module, images = Linear(weights), random_patterns(40, size, generator=rng(seed + 1))
    field = images @ weights
    labels = (field > 0).astype(np.int64)
    agreeing = np.sort(np.where(images * weights * np.sign(field)[:, None] > 0, np.abs(weights), 0), axis=1)[:, ::-1]
    needed = (2 * agreeing.cumsum(axis=1) < np.abs(field)[:, None]).sum(axis=1) + 1
    return module, predictor(module), images, labels, needed


def predictor(module):
    return lambda patterns: module(torch.as_tensor(np.asarray(patterns), dtype=torch.float32)).argmax(1).numpy()


def greedy(module, predict, images, labels, **changed):
    chosen = {"budgets": [1, 2, 4, 8, 16], "growth": 0, "lookahead": 0, "generator": rng()} | changed
    return flips.greedy_flips(predict, margin_gradient(module), images, labels, **chosen)


def memory(count=4, size=SIZE, rule="iterative", seed=0):
    definition = {"rule": rule, "margin": 0, "flip_share": 1, "passes": 100}
    return train(
        random_patterns(count, size, generator=rng(seed)),
        np.arange(count) % 2,
        np.arange(count),
        definition,
        generator=rng(),
    ).memory


def dense(count=6, size=SIZE, energy="polynomial", exponent=3):
    patterns = random_patterns(count, size, generator=rng(3))
    return DenseMemory(patterns, np.arange(count) % 3, np.arange(count), Interaction(energy, exponent), {})


def by_brute_force(predict, images, labels, most):
    """Smallest number of flips up to ``most``, or -1, by asking for every subset."""
    from itertools import combinations

    found = np.where(predict(images) != labels, 0, flips.NOT_FOUND)
    for count in range(1, most + 1):
        for chosen in combinations(range(images.shape[1]), count):
            mask = np.zeros(images.shape, dtype=bool)
            mask[:, chosen] = True
            found[(found == flips.NOT_FOUND) & (predict(flips.flip(images, mask)) != labels)] = count
    return found


def smooth_recall(model, **setting):
    (formula,) = model.stand_ins(to_tensors(), {name: [value] for name, value in setting.items()})
    return formula
