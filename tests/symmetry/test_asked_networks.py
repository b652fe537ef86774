"""Networks of others, asked by running them what leaves their outputs as they are."""

import numpy as np
import pytest
import torch
from torch import nn

from weightspace.symmetry.asked_networks import ask, layers_with_signs


class Chain(nn.Module):
    """Layers whose names, in their order, are not the order in which they follow one another."""

    def __init__(self, *, activation=torch.tanh, skips=False, backwards=False):
        super().__init__()
        names = ["input", "hidden", "output"]
        layers = dict(zip(names, [nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 3)], strict=True))
        for name in names[::-1] if backwards else names:
            self.add_module(name, layers[name])
        self.activation, self.skips = activation, skips

    def forward(self, images):
        first = self.activation(self.input(images))
        return self.output(self.activation(self.hidden(first)) + (first if self.skips else 0))


def convolution(between):
    return nn.Sequential(nn.Conv2d(1, 2, 2), between, nn.Flatten(), nn.Linear(18, 3))


@pytest.mark.parametrize("activation", [torch.tanh, torch.sin, nn.Hardtanh(), nn.Softsign(), lambda x: x**3])
def test_a_chain_of_odd_units_is_known_whatever_its_layers_are_called(activation):
    module = Chain(activation=activation)
    layers, kind = ask(module, None)
    assert kind == "signs"
    assert all(
        (weights == tensor.detach().numpy()).all()
        for (weights, _), tensor in zip(layers, list(module.parameters())[::2], strict=True)
    )


@pytest.mark.parametrize("activation", [torch.relu, torch.sigmoid, nn.GELU(), torch.abs])
def test_units_that_are_not_odd_can_only_be_interchanged(activation):
    module = Chain(activation=activation)
    assert ask(module, None)[1] == "interchanges"
    with pytest.raises(ValueError, match=r"network is a Chain whose outputs change where units are flipped, .*tanh"):
        layers_with_signs(module, None)


@pytest.mark.parametrize("module", [Chain(skips=True), Chain(backwards=True)])
def test_what_is_no_chain_as_it_seems_is_refused(module):
    with pytest.raises(ValueError, match=r"whose outputs change where units of its layers .* are interchanged"):
        ask(module, None)


def test_a_convolution_needs_the_shape_of_its_images():
    assert ask(convolution(nn.Tanh()), (1, 4, 4))[1] == "signs"
    assert ask(nn.Sequential(nn.Unflatten(1, (1, 4, 4)), convolution(nn.Tanh())), (16,))[1] == "signs"
    with pytest.raises(ValueError, match="begins with a convolution, and shape is not given"):
        ask(convolution(nn.Tanh()), None)
    with pytest.raises(ValueError, match=r"cannot be run on images of shape \(16, 1, 5, 5\)"):
        ask(convolution(nn.Tanh()), (1, 5, 5))


def test_a_module_is_left_as_it_is():
    module = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5), nn.Tanh(), nn.Linear(3, 2)).half()
    before = [parameter.clone() for parameter in module.parameters()]
    layers, kind = ask(module, None)
    assert (module.training, kind) == (True, "signs")
    assert {part.dtype for layer in layers for part in layer} == {np.dtype(np.float32)}
    assert all(torch.equal(old, new) for old, new in zip(before, module.parameters(), strict=True))


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Linear(4, 2), "found 1 layers of weights; expected two at least"),
        (nn.LSTM(4, 2), "no chain of layers of weights and biases: the tensor"),
        (nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)), "num_batches_tracked' is not expected"),
        (nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(5, 2)), "layer 0 has 3 units, but layer 1 takes 5"),
    ],
)
def test_what_is_no_stack_of_layers_is_refused(module, message):
    with pytest.raises(ValueError, match=f"first is a {type(module).__name__}.*{message}"):
        ask(module, None, name="first")
