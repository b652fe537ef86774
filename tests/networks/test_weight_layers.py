"""Networks as lists of layers: read, refused, as vectors, and drawn as PyTorch draws them."""

import itertools
from itertools import pairwise

import numpy as np
import pytest
from made_weights import bits, network, rng

from weightspace.networks import architectures, weight_layers
from weightspace.networks.weight_layers import from_vector, random_layers, to_vector


def test_layers_of_a_network_of_the_project_answer_alike():
    definition = {"architecture": "mlp", "hidden": [7, 5], "activation": "tanh"}
    module = architectures.build(definition, shape=(2, 3), classes=3, seed=0)
    layers = weight_layers.layers_of({name: value.numpy() for name, value in module.state_dict().items()})
    inputs = rng(0).standard_normal((10, 6)).astype(np.float32)
    np.testing.assert_allclose(
        weight_layers.logits(layers, inputs), architectures.Network(module).logits(inputs), atol=1e-6
    )


def test_layers_are_taken_in_the_order_of_their_numbers():
    sizes = range(3, 16)
    tensors = {}
    for number, (a, b) in reversed(list(enumerate(itertools.pairwise(sizes)))):
        tensors |= {f"layers.{number}.weight": np.zeros((b, a)), f"layers.{number}.bias": np.zeros(b)}
    assert weight_layers.hidden_widths(weight_layers.layers_of(tensors)) == tuple(sizes)[1:-1]


def test_vector_and_layers_go_over_into_each_other():
    layers = network((3, 2), 0)
    vector = weight_layers.to_vector(layers)
    assert bits(weight_layers.from_vector(vector, layers)) == bits(layers)
    assert np.linalg.norm(vector) == pytest.approx(weight_layers.norm(layers))
    with pytest.raises(ValueError, match="has 1 entries"):
        weight_layers.from_vector(vector[:1], layers)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"a.weight": np.zeros((2, 3))}, "'a.bias' is missing"),
        (
            {"a.weight_hh": np.zeros((2, 3)), "a.weight": np.zeros((2, 3)), "a.bias": np.zeros(2)},
            "'a.weight_hh' is not expected",
        ),
        ({"a.weight": np.zeros((2, 3)), "a.bias": np.zeros(2)}, "found 1 layers"),
        (
            {"a.weight": np.zeros((2, 3)), "a.bias": np.zeros(3), "b.weight": np.zeros((2, 2)), "b.bias": np.zeros(2)},
            "layer 0 has weights",
        ),
        (
            {"a.weight": np.zeros((2, 3)), "a.bias": np.zeros(2), "b.weight": np.zeros((2, 3)), "b.bias": np.zeros(2)},
            "not a multiple",
        ),
        (
            {
                "a.weight": np.full((2, 3), np.nan),
                "a.bias": np.zeros(2),
                "b.weight": np.zeros((2, 2)),
                "b.bias": np.zeros(2),
            },
            "NaN",
        ),
    ],
)
def test_what_is_no_network_is_refused(tensors, message):
    with pytest.raises(ValueError, match=message):
        weight_layers.layers_of(tensors)


def test_recurrent_networks_have_no_layers(tmp_path):
    definition = {"architecture": "recurrent", "cell": "tanh", "units": 4, "loss": "cross_entropy"}
    module = architectures.build(definition, shape=(8, 8), classes=5, seed=0)
    with pytest.raises(ValueError, match=r"^the tensor 'layer.bias' is missing; allowed: NAME.weight and NAME.bias"):
        weight_layers.layers_of(module.state_dict())


def test_initial_layers_are_those_of_pytorch():
    """Uniform within ± 1/√fan-in, weights and biases alike."""
    widths = (400, 30, 10)
    for (weights, biases), (inputs, units) in zip(
        random_layers(widths, generator=rng(0)), pairwise(widths), strict=True
    ):
        assert weights.shape == (units, inputs)
        assert biases.shape == (units,)
        assert np.abs(weights).max() <= inputs**-0.5
        assert weights.std() == pytest.approx(inputs**-0.5 / 3**0.5, rel=0.1)
    layers = random_layers(widths, generator=rng(0))
    assert to_vector(from_vector(to_vector(layers), layers)) == pytest.approx(to_vector(layers))
