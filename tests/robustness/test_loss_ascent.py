"""Weights driven up the loss."""

import pytest
import torch

from weightspace.networks import architectures
from weightspace.networks.training import evaluate, root_mean_square_error
from weightspace.robustness import loss_ascent


def test_weights_climb_to_the_error_that_is_asked_for():
    torch.manual_seed(0)
    module = architectures.MultilayerPerceptron(widths=[20, 16, 3], activation="tanh")
    inputs = torch.randn(200, 20)
    labels = module(inputs).argmax(1)
    climbed, distance = loss_ascent.climb(module, inputs, labels, "rms", step=0.01, until=0.5)
    before, after = (evaluate(part, inputs, labels, root_mean_square_error) for part in (module, climbed))
    assert before[1] == 0
    assert 0.5 <= after[1] < 0.8
    assert after[0] > before[0]
    assert 0 < distance < 1
    moved = loss_ascent.moved_at_random(module, distance, seed=0)
    lengths = [
        loss_ascent._length([a - b for a, b in zip(part.parameters(), module.parameters(), strict=True)])
        for part in (climbed, moved)
    ]
    assert lengths[1].item() == pytest.approx(lengths[0].item(), rel=1e-4)
    assert evaluate(moved, inputs, labels, root_mean_square_error)[1] < after[1]  # a random direction does less harm
