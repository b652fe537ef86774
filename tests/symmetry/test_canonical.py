"""The canonical form: in the wedge, idempotent, equal for all copies, ties included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weights import bits, network, rng

from weightspace.networks import weight_layers
from weightspace.symmetry.canonical import canonical_form, canonical_forms, canonical_transformation
from weightspace.symmetry.equioutput_group import (
    apply,
    random_transformation,
    transformations,
)

WIDTHS = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple)


SEEDS = st.integers(0, 2**32 - 1)


def coarse(widths, seed, values=(-1.0, -0.0, 0.0, 1.0)):
    """Layers with few values only, hence with ties and zeros of both signs everywhere."""
    random = rng(seed)
    return [
        (random.choice(values, weights.shape), random.choice(values, biases.shape))
        for weights, biases in network(widths, seed)
    ]


def copies(layers, **options):
    return (apply(element, layers) for element in transformations(weight_layers.hidden_widths(layers), **options))


@given(WIDTHS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_canonical_form_is_in_the_wedge_idempotent_and_equal_for_all_copies(widths, seed):
    layers = network(widths, seed)
    form = canonical_form(layers)
    for _, biases in form[:-1]:
        assert (biases > 0).all()
        assert (np.diff(biases) > 0).all()
    assert bits(canonical_form(form)) == bits(form)
    copy = apply(random_transformation(widths, generator=rng(seed)), layers)
    assert bits(canonical_form(copy)) == bits(form)
    assert bits(apply(canonical_transformation(copy), copy)) == bits(form)


@pytest.mark.parametrize("widths", [(3,), (2, 2), (4,)])
def test_generic_weights_have_one_copy_in_the_wedge(widths):
    inside = [
        copy
        for copy in copies(network(widths, 2))
        if all((np.diff(biases, prepend=0) > 0).all() for _, biases in copy[:-1])
    ]
    assert [bits(copy) for copy in inside] == [bits(canonical_form(network(widths, 2)))]


@given(st.integers(1, 5).map(lambda width: (width,)), SEEDS)
@settings(max_examples=60, deadline=None)
def test_ties_and_zeros_leave_the_form_unique(widths, seed):
    layers = coarse(widths, seed)
    form = canonical_form(layers)
    assert not any(np.signbit(part[part == 0]).any() for layer in form for part in layer)
    assert bits(canonical_form(form)) == bits(form)
    for number in range(5):
        assert bits(
            canonical_form(apply(random_transformation(widths, generator=rng((seed, number))), layers))
        ) == bits(form)


@given(st.lists(st.integers(1, 3), min_size=2, max_size=3).map(tuple), SEEDS)
@settings(max_examples=60, deadline=None)
def test_ties_below_another_layer_are_resolved_or_refused_for_all_copies_alike(widths, seed):
    layers = coarse(widths, seed)
    copy = apply(random_transformation(widths, generator=rng(seed)), layers)
    assert form_or_refusal(copy) == form_or_refusal(layers)


def form_or_refusal(layers):
    try:
        return bits(canonical_form(layers))
    except ValueError as error:
        return str(error)


def test_units_that_only_the_layer_above_could_tell_apart_are_refused():
    layers = network((2, 3), 0)
    for part in layers[0]:
        part[1] = part[0]
    with pytest.raises(ValueError, match="hidden layer 0 has units with equal biases and incoming weights"):
        canonical_form(layers)
    assert len(canonical_form(layers[1:])) == 2  # nothing is open in a single hidden layer


def test_networks_that_are_no_copies_have_different_forms():
    assert bits(canonical_form(network((3,), 0))) != bits(canonical_form(network((3,), 1)))


def test_many_forms_at_once_are_those_of_each():
    many = [network((6, 3), seed, kind=np.float32) for seed in range(5)]
    stacked = [tuple(np.stack(parts) for parts in zip(*layers, strict=True)) for layers in zip(*many, strict=True)]
    forms = canonical_forms(stacked)
    for number, layers in enumerate(many):
        assert bits([(weights[number], biases[number]) for weights, biases in forms]) == bits(canonical_form(layers))
