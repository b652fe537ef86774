"""Gradient descent without PyTorch against PyTorch."""

import itertools

import numpy as np
import pytest
import torch
from made_weights import rng, task

from weightspace.networks import gradient_steps, training
from weightspace.networks.gradient_steps import descend, draw_batches
from weightspace.networks.weight_layers import random_layers


@pytest.mark.parametrize("optimiser", gradient_steps.OPTIMISERS)
@pytest.mark.parametrize("hidden", [(5,), (5, 4)])
def test_steps_are_those_of_pytorch(optimiser, hidden):
    learned = task()
    layers = random_layers((6, *hidden, 3), generator=rng(1))
    module = torch.nn.Sequential(*(torch.nn.Linear(a, b).double() for a, b in itertools.pairwise((6, *hidden, 3))))
    for linear, (weights, biases) in zip(module, layers, strict=True):
        linear.weight.data, linear.bias.data = torch.tensor(weights), torch.tensor(biases)
    rate = {"sgd": 0.1, "adam": 0.01, "rmsprop": 0.01}[optimiser]
    theirs = training.OPTIMISERS[optimiser](module.parameters(), lr=rate)
    batches = draw_batches(60, steps=20, batch_size=10, generator=rng(2))
    labels = learned.targets.argmax(axis=1)
    for batch, _ in zip(
        batches,
        descend(layers, learned.images, learned.targets, batches, optimiser=optimiser, learning_rate=rate),
        strict=True,
    ):
        values = torch.tensor(learned.images[batch])
        for linear in module[:-1]:
            values = torch.tanh(linear(values))
        loss = training.root_mean_square_error(module[-1](values), torch.tensor(labels[batch]))
        theirs.zero_grad()
        loss.backward()
        theirs.step()
    for linear, (weights, biases) in zip(module, layers, strict=True):
        np.testing.assert_allclose(weights, linear.weight.detach().numpy(), atol=1e-12)
        np.testing.assert_allclose(biases, linear.bias.detach().numpy(), atol=1e-12)


def test_a_perfect_network_stays_where_it_is():
    layers = [(np.array([[50.0]]), np.array([0.0])), (np.array([[50.0]]), np.array([0.0]))]
    for weights, biases in gradient_steps.gradients(layers, np.array([[1.0]]), np.array([[1.0]])):
        assert not weights.any()
        assert not biases.any()


def test_batches_take_every_image_once_a_pass():
    batches = draw_batches(10, steps=7, batch_size=3, generator=rng(0))
    assert batches.shape == (7, 3)
    for first in (0, 3):
        assert len(set(batches[first : first + 3].ravel())) == 9
    with pytest.raises(ValueError, match="batches of 11"):
        draw_batches(10, steps=1, batch_size=11, generator=rng(0))
