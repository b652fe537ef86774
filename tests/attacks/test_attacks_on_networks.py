"""Attacks on grey images of networks: closed forms on linear models, and the trained network behind what they see."""

import numpy as np
import pytest
import torch
from small_networks import DEFINITION, first_images, trained

from weightspace.attacks import grey_attacks, losses, surrogates
from weightspace.data import levels
from weightspace.data.raw_files import read_grey, read_labels
from weightspace.networks import architectures


def test_attacks_on_a_convolutional_network_see_the_gradient_of_the_trained_one():
    module = architectures.build(
        DEFINITION | {"architecture": "conv", "channels": [4, 6], "kernel": 5, "hidden": 8},
        shape=(28, 28),
        classes=10,
        seed=0,
    )
    images, labels = torch.rand(5, 784), torch.arange(5)
    expected = losses.loss_gradient(surrogates.GreyLevels(module), images, labels)
    torch.testing.assert_close(losses.loss_gradient(surrogates.frozen(module), images, labels), expected)


def test_attacks_on_a_recurrent_network_see_the_trained_one_without_its_dropout():
    class Recurrent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.LSTM(7, 5, num_layers=2, dropout=0.5, batch_first=True)

        def forward(self, inputs):
            return self.layer(inputs.reshape(len(inputs), 7, 7))[0][:, -1]

    torch.manual_seed(0)
    network, grey = Recurrent().eval(), torch.rand(20, 49)
    with torch.no_grad():
        expected = network(2 * grey - 1)
        assert (surrogates.frozen(network)(grey) == expected).all()
    assert network.layer.training  # or cuDNN refuses the gradient
    network.eval()
    with torch.no_grad():
        assert (network(2 * grey - 1) == expected).all()


def linear_network(weights):
    """Two classes, logits ±w·x: the smallest L∞ change that flips a sign is |w·x| / ‖w‖₁, in closed form."""
    module = architectures.MultilayerPerceptron(widths=[len(weights), 2], activation="tanh")
    with torch.no_grad():
        module.layers[0].weight.copy_(torch.as_tensor(np.stack([weights, -weights]), dtype=torch.float32))
        module.layers[0].bias.zero_()
    return architectures.Network(module)


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_attacks_succeed_exactly_beyond_the_margin_of_a_linear_model(method):
    generator = np.random.default_rng(0)
    weights = generator.normal(size=100)
    grey = generator.integers(100, 156, (200, 100)).astype(
        np.uint8
    )  # far from 0 and 255, so the range never cuts an attack
    network = linear_network(weights)
    scaled = architectures.scaled_grey(grey)
    labels = network.predict(scaled)
    margin = (
        np.abs(scaled @ weights) / np.abs(weights).sum() / 2
    )  # the network's input is twice the grey level minus one
    definition = {"method": method, "norm": "linf", "budgets": [0.02, 0.1], "steps": 20, "step_size": 0.2}
    found = grey_attacks.craft(surrogates.frozen(network.module), grey, labels, definition, seed=0)
    for budget, attacked in zip(definition["budgets"], found, strict=True):
        reach = levels(budget) / 255
        success = network.predict(architectures.scaled_grey(attacked)) != labels
        clear = np.abs(margin - reach) > 0.003  # one grey level is 0.004
        assert (success == (margin < reach))[clear].all()
        assert clear.mean() > 0.5
    assert success.any()


def test_attacks_respect_the_budget_after_rounding_and_are_repeatable(mnist_raw, mnist_patterns):
    grey, labels = read_grey(mnist_raw, "test")[:60], read_labels(mnist_raw, "test")[:60]
    network, _ = trained(first_images(mnist_patterns), epochs=1)
    definition = {"method": "pgd", "norm": "linf", "budgets": [0.1, 0.3], "steps": 10, "step_size": 0.2}
    found = [
        grey_attacks.craft(surrogates.frozen(network.module), grey, labels, definition, seed=seed) for seed in (0, 0, 1)
    ]
    assert (found[0] == found[1]).all()
    assert (found[0] != found[2]).any()
    changes = np.abs(found[0].astype(int) - grey).max(axis=(1, 2))
    assert changes.tolist() == [25, 76]  # ⌊255 · 0.1⌋ and ⌊255 · 0.3⌋: used in full, never exceeded
    errors = [(network.predict(architectures.scaled_grey(part)) != labels).mean() for part in (grey, *found[0])]
    assert errors[0] < errors[1] <= errors[2]
    single = grey_attacks.craft(
        surrogates.frozen(network.module), grey, labels, definition | {"method": "fgsm"}, seed=0
    )
    assert (network.predict(architectures.scaled_grey(single[0])) != labels).mean() <= errors[1]
