"""Networks that know an image's rows and columns."""

import math

import pytest
import torch
from small_networks import DEFINITION, trained

from weightspace.attacks.surrogates import frozen
from weightspace.loading import load
from weightspace.networks import architectures
from weightspace.networks.image_networks import FrozenConvolution


@pytest.mark.parametrize(
    "kind",
    [
        {"architecture": "conv", "channels": [4, 8], "kernel": 5, "hidden": 16},
        {"architecture": "recurrent", "cell": "gru", "units": 24},
    ],
    ids=lambda kind: kind["architecture"],
)
def test_other_architectures_learn_mnist_and_answer_alike_from_their_files(tmp_path, tensors, kind):
    network, history = trained(tensors, loss="cross_entropy", optimiser="adam", learning_rate=0.005, **kind)
    assert history.test_error.iloc[-1] < 0.4 < history.test_error.iloc[0]
    network.save(tmp_path / "a.safetensors")
    images = tensors[1][0].numpy()
    assert (load(tmp_path / "a.safetensors").logits(images) == network.logits(images)).all()


@pytest.mark.parametrize("shape", [(12, 9), (4, 9), (1, 30)])
@pytest.mark.parametrize(
    "kind",
    [
        {"architecture": "conv", "channels": [4, 8], "kernel": 5, "hidden": 16},
        {"architecture": "recurrent", "cell": "lstm", "units": 24},
    ],
    ids=lambda kind: kind["architecture"],
)
def test_height_and_width_are_the_images_own(tmp_path, shape, kind):
    # 4 x 9 pixels are as many as 6 x 6, and were once taken for these.
    definition = DEFINITION | kind
    module = architectures.build(definition, shape=shape, classes=3, seed=0)
    images = torch.rand(5, math.prod(shape), requires_grad=True)
    logits = module(images)
    assert logits.shape == (5, 3)
    described = {"definition": definition, "shape": shape, "classes": 3}
    architectures.Network(module, described).save(tmp_path / "a.safetensors")
    assert torch.equal(load(tmp_path / "a.safetensors").module(images), logits)
    frozen(module)(images).sum().backward()
    assert (images.grad != 0).all(dim=0).any()
    if kind["architecture"] == "recurrent":
        assert module.layer.input_size == shape[1]


@pytest.mark.parametrize(("side", "kernel"), [(28, 5), (14, 5), (7, 3), (9, 7), (5, 1), (13, 5)])
def test_a_frozen_convolution_gives_its_maps_pytorchs_gradient(side, kernel):
    torch.manual_seed(0)
    convolution = torch.nn.Conv2d(3, 4, kernel, stride=2, padding=kernel // 2).double()
    maps = torch.randn(2, 3, side, side, dtype=torch.float64, requires_grad=True)
    expected, found = convolution(maps), FrozenConvolution.of(convolution)(maps)
    weights = torch.randn_like(expected)
    assert torch.equal(found, expected)
    torch.testing.assert_close(
        *(torch.autograd.grad(output, maps, weights)[0] for output in (found, expected)), rtol=1e-12, atol=1e-12
    )


def test_recurrent_network_reads_rows_from_the_top(tensors):
    module = architectures.build(
        DEFINITION | {"architecture": "recurrent", "cell": "tanh", "units": 8}, shape=(28, 28), classes=10, seed=0
    )
    images = tensors[1][0][:5].clone().requires_grad_()
    module(images).sum().backward()
    size = images.grad.reshape(5, 28, 28).abs().sum(dim=2)
    assert (size[:, -1] > 10 * size[:, 0]).all()  # a layer of tanh units has forgotten the first rows
