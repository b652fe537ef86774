"""Distances and angles up to copies, against every copy of small networks."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weights import bits, network, rng

from weightspace.networks import weight_layers
from weightspace.networks.weight_layers import random_layers
from weightspace.symmetry import (
    alignment,
    equioutput_group,
)
from weightspace.symmetry.alignment import align
from weightspace.symmetry.canonical import canonical_form
from weightspace.symmetry.equioutput_group import (
    apply,
    invert,
    random_transformation,
    transformations,
)

SEEDS = st.integers(0, 2**32 - 1)


def copies(layers, **options):
    return (apply(element, layers) for element in transformations(weight_layers.hidden_widths(layers), **options))


@pytest.mark.parametrize(("units", "seeds"), [(1, 5), (2, 10), (3, 10), (4, 5), (5, 2), (6, 1)])
@pytest.mark.parametrize("kind", ["signs", "interchanges"])
def test_orbit_minimum_is_that_of_all_copies(units, seeds, kind):
    for seed in range(seeds):
        first, second = network((units,), seed, inputs=2, outputs=1), network((units,), seed + 100, inputs=2, outputs=1)
        every = [alignment.distance(first, copy) for copy in copies(second, kind=kind)]
        found = align(first, second, kind=kind)
        assert found.exact
        assert found.distance == pytest.approx(min(every), rel=1e-12)
        assert found.distance == pytest.approx(
            alignment.distance(first, apply(found.transformation, second)), rel=1e-12
        )


@pytest.mark.parametrize("units", [1, 2, 3])
def test_the_nearest_copy_under_scales_is_that_of_all_orders_and_of_a_fine_grid_of_scales(units):
    """The units' scales do not meet in the distance, so each pair of units has its own grid."""
    scales = np.exp(np.linspace(-4, 4, 20_001))
    for seed in range(6):
        first, second = (network((units,), (seed, number), inputs=2, outputs=2) for number in range(2))
        (w, b), (v, _) = first
        (x, c), (y, _) = second
        incoming = [[np.square(w[i] - scales[:, None] * x[j]).sum(1) for j in range(units)] for i in range(units)]
        biases = [[np.square(b[i] - scales * c[j]) for j in range(units)] for i in range(units)]
        out = [[np.square(v[:, i] - y[:, j] / scales[:, None]).sum(1) for j in range(units)] for i in range(units)]
        least = (np.array(incoming) + np.array(biases) + np.array(out)).min(axis=2)
        constant = np.square(first[1][1] - second[1][1]).sum()
        every = [least[range(units), list(order)].sum() for order in itertools.permutations(range(units))]
        found = align(first, second, kind="scales")
        assert found.exact
        assert found.distance == pytest.approx(np.sqrt(min(every) + constant), rel=1e-5)
        assert found.distance <= align(first, second, kind="interchanges").distance + 1e-12


def test_units_that_hear_or_say_nothing_keep_their_scale():
    first, second = network((2,), 0), network((2,), 1)
    second[0][0][0], second[0][1][0], second[1][0][:, 1] = 0, 0, 0
    found = align(first, second, kind="scales")
    assert np.isfinite(weight_layers.to_vector(found.layers)).all()
    assert sorted(found.transformation.factors[0]) == [1, 1]


@given(st.integers(1, 8).map(lambda width: (width,)), SEEDS)
@settings(max_examples=60, deadline=None)
def test_orbit_distance_is_the_same_from_every_copy_and_a_metric(widths, seed):
    a, b, c = (network(widths, (seed, number)) for number in range(3))
    g, h = (random_transformation(widths, generator=rng((seed, number))) for number in range(2))
    between = align(a, b)
    assert align(apply(g, a), apply(h, b)).distance == pytest.approx(between.distance, rel=1e-9)
    assert align(b, a).angle == pytest.approx(between.angle, rel=1e-9)
    assert between.distance <= align(a, c).distance + align(c, b).distance + 1e-9
    assert align(a, apply(g, a)).distance == 0
    assert between.distance <= alignment.distance(a, b) + 1e-9


@given(st.lists(st.integers(1, 3), min_size=2, max_size=2).map(tuple), SEEDS)
@settings(max_examples=25, deadline=None)
def test_deeper_networks_have_an_upper_bound(widths, seed):
    first, second = network(widths, seed, inputs=2), network(widths, (seed, 1), inputs=2)
    found = align(first, second, restarts=2, generator=rng(seed))
    least = min(alignment.distance(first, copy) for copy in copies(second))
    assert not found.exact
    assert least - 1e-9 <= found.distance <= alignment.distance(first, second) + 1e-9
    assert bits(apply(found.transformation, second)) == bits(found.layers)


@pytest.mark.parametrize("widths", [(20,), (15, 10), (30, 30, 30)])
def test_a_disturbed_copy_is_found_again(widths):
    layers = network(widths, 0)
    moved = random_transformation(widths, generator=rng(1))
    noise = network(widths, 2)
    disturbed = [(w + 0.01 * dw, b + 0.01 * db) for (w, b), (dw, db) in zip(apply(moved, layers), noise, strict=True)]
    found = align(layers, disturbed)
    assert found.transformation == invert(moved)
    assert found.distance == pytest.approx(0.01 * weight_layers.norm(noise), rel=1e-9)


def test_angles_match_exact_arithmetic():
    """The angle between (3, 4, 0) and (4, 3, 0) has cosine 24/25; one of 1e-9 radians is not lost to rounding."""
    assert alignment.angle(
        [(np.array([[3.0]]), np.array([4.0]))], [(np.array([[4.0]]), np.array([3.0]))]
    ) == pytest.approx(math.degrees(math.acos(Fraction(24, 25))))
    tilted = alignment.angle([(np.array([[1.0]]), np.array([0.0]))], [(np.array([[1.0]]), np.array([1e-9]))])
    assert tilted == pytest.approx(math.degrees(1e-9), rel=1e-6)


def test_canonical_forms_can_be_far_apart_where_copies_are_near():
    """Two units of nearly equal bias change places: the wedge is no place to measure distance in."""
    layers = network((2,), 0)
    layers[0][1][:] = 0.5, 0.5001
    moved = [(weights.copy(), biases.copy()) for weights, biases in layers]
    moved[0][1][:] = 0.5001, 0.5
    assert align(layers, moved).distance < 2e-4
    assert alignment.distance(canonical_form(layers), canonical_form(moved)) > 1


def test_pairs_of_networks():
    many = [network((4,), seed) for seed in range(3)]
    angles = alignment.orbit_angles(many)
    assert (np.diag(angles) == 0).all()
    assert (angles == angles.T).all()
    assert angles[2, 0] == pytest.approx(align(many[2], many[0]).angle)


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match="expected the same shapes"):
        align(network((3,), 0), network((4,), 0))


@given(st.integers(1, 5), SEEDS)
@settings(deadline=None, max_examples=40)
def test_nearest_other_copy_is_the_nearest_of_all(units, seed):
    layers = random_layers((3, units, 2), generator=rng(seed))
    everything = (
        equioutput_group.apply(copy, layers)
        for copy in itertools.islice(equioutput_group.transformations((units,)), 1, None)
    )
    nearest = min(alignment.distance(layers, copy) for copy in everything)
    assert alignment.nearest_other_copy(layers) == pytest.approx(nearest, rel=1e-9)


def test_nearest_other_copy_of_deeper_networks_is_an_upper_bound():
    layers = random_layers((3, 2, 2, 2), generator=rng(0))
    everything = (
        equioutput_group.apply(copy, layers)
        for copy in itertools.islice(equioutput_group.transformations((2, 2)), 1, None)
    )
    assert alignment.nearest_other_copy(layers) >= min(alignment.distance(layers, copy) for copy in everything) - 1e-12
