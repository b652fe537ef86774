"""The equioutput group: its laws, and invariance of outputs, by property."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weights import bits, network, rng

from weightspace.networks import weight_layers
from weightspace.symmetry import equioutput_group
from weightspace.symmetry.alignment import align
from weightspace.symmetry.canonical import canonical_form
from weightspace.symmetry.equioutput_group import (
    apply,
    compose,
    group_order,
    identity,
    invert,
    random_transformation,
    transformations,
)

WIDTHS = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


SEEDS = st.integers(0, 2**32 - 1)


@given(WIDTHS, SEEDS, st.sampled_from(["signs", "interchanges"]))
@settings(max_examples=60, deadline=None)
def test_group_laws(widths, seed, kind):
    a, b, c = (random_transformation(widths, generator=rng((seed, number)), kind=kind) for number in range(3))
    assert compose(a, compose(b, c)) == compose(compose(a, b), c)
    assert compose(a, invert(a)) == compose(invert(a), a) == identity(widths)
    assert compose(a, identity(widths)) == compose(identity(widths), a) == a
    assert invert(compose(a, b)) == compose(invert(b), invert(a))


@given(WIDTHS, SEEDS, st.sampled_from(["signs", "interchanges"]))
@settings(max_examples=60, deadline=None)
def test_action_is_a_homomorphism_bit_for_bit(widths, seed, kind):
    a, b = (random_transformation(widths, generator=rng((seed, number)), kind=kind) for number in range(2))
    layers = network(widths, seed)
    assert bits(apply(compose(a, b), layers)) == bits(apply(a, apply(b, layers)))
    assert bits(apply(invert(a), apply(a, layers))) == bits(layers)
    assert weight_layers.norm(apply(a, layers)) == pytest.approx(weight_layers.norm(layers), rel=1e-14)


@pytest.mark.parametrize("widths", [(1,), (2,), (3,), (1, 2), (2, 2), (4,)])
@pytest.mark.parametrize("kind", ["signs", "interchanges"])
def test_enumeration_has_the_order_of_the_group_and_is_closed(widths, kind):
    elements = list(transformations(widths, kind=kind))
    layers = network(widths, 1)
    images = {bits(apply(element, layers)): element for element in elements}
    assert len(images) == len(elements) == group_order(widths, kind=kind)
    assert elements[0] == identity(widths)
    for a, b in itertools.product(elements[:20], elements[-20:]):
        assert compose(a, b) in elements


def test_order_is_exact():
    assert group_order((128,)) == 2**128 * math.factorial(128)
    assert math.log10(group_order((128,))) == pytest.approx(254.1, abs=0.05)
    assert group_order((3, 2)) == (8 * 6) * (4 * 2)
    assert group_order((3, 2), kind="interchanges") == 12
    for call in (group_order, lambda widths, kind: list(transformations(widths, kind=kind))):
        with pytest.raises(ValueError, match="continuous group"):
            call((3,), kind="scales")


def test_random_elements_are_uniform():
    elements = list(transformations((2,)))
    generator, draws = rng(0), 4000
    drawn = [elements.index(random_transformation((2,), generator=generator)) for _ in range(draws)]
    counts = np.bincount(drawn, minlength=8)
    assert (
        (counts - draws / 8) ** 2 / (draws / 8)
    ).sum() < 24  # chi-square, 7 degrees of freedom: above in one seed of 900


@given(WIDTHS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_outputs_are_invariant(widths, seed):
    layers, inputs = network(widths, seed), rng(seed).standard_normal((20, 4))
    before = {name: weight_layers.logits(layers, inputs, activation=function) for name, function in FUNCTIONS.items()}
    for activation, function in FUNCTIONS.items():
        moved = apply(
            random_transformation(widths, generator=rng(seed), kind=equioutput_group.symmetry_of(activation)), layers
        )
        after = weight_layers.logits(moved, inputs, activation=function)
        np.testing.assert_allclose(after, before[activation], rtol=1e-9, atol=1e-9 * np.abs(before[activation]).max())


FUNCTIONS = {"tanh": np.tanh, "relu": lambda values: np.maximum(values, 0)}


def test_sign_flips_change_a_network_that_is_not_odd():
    layers, inputs = network((5,), 0), rng(0).standard_normal((20, 4))
    flipped = apply(equioutput_group.Transformation((np.arange(5),), (-np.ones(5),)), layers)
    assert (
        np.abs(
            weight_layers.logits(flipped, inputs, activation=FUNCTIONS["relu"]) - weight_layers.logits(layers, inputs)
        ).max()
        > 0.1
    )
    with pytest.raises(ValueError, match="'relu', which is not odd"):
        equioutput_group.require_odd("relu")
    with pytest.raises(ValueError, match="activation is 'gelu'"):
        equioutput_group.require_odd("gelu")
    equioutput_group.require_odd("tanh")


@given(SEEDS, st.booleans())
@settings(max_examples=20, deadline=None)
def test_convolutional_networks_keep_their_outputs(seed, flips):
    """Two convolutions, average pooling (which is odd) and a dense head behind a flattening, in PyTorch."""
    torch.manual_seed(seed % 1000)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3), torch.nn.Conv2d(3, 4, 2), torch.nn.Linear(4 * 2 * 2, 5), torch.nn.Linear(5, 2)
    ).double()

    def answer(images):
        first = torch.tanh(module[0](images))
        second = torch.nn.functional.avg_pool2d(torch.tanh(module[1](first)), 2)
        return module[3](torch.tanh(module[2](second.flatten(1)))).detach().numpy()

    images = torch.randn(6, 1, 7, 7, dtype=torch.double)
    before = answer(images)
    tensors = {name: value.numpy() for name, value in module.state_dict().items()}
    layers = weight_layers.layers_of(tensors)
    assert weight_layers.hidden_widths(layers) == (3, 4, 5)
    kind = "signs" if flips else "interchanges"
    moved = apply(random_transformation((3, 4, 5), generator=rng(seed), kind=kind), layers)
    vector = torch.as_tensor(weight_layers.to_vector(moved))
    state = dict(
        zip(
            tensors,
            (torch.as_tensor(part) for layer in weight_layers.from_vector(vector.numpy(), moved) for part in layer),
            strict=True,
        )
    )
    module.load_state_dict(state)
    np.testing.assert_allclose(answer(images), before, atol=1e-12)
    found = align(layers, moved, kind=kind)
    assert found.distance < 1e-12
    assert bits(canonical_form(layers)) == bits(canonical_form(moved))
