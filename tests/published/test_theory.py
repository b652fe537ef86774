"""Formulas and counts against a few lines of plain numpy, or against all cases."""

import itertools
import math

import numpy as np
import pytest

from weightspace.data.hypercube import ball_size, patterns_of, sphere_size
from weightspace.memories.dense import power_memory
from weightspace.published.theory import counted, exclusive_or
from weightspace.retrieval.mean_field import critical_load, critical_overlap, extrapolated, retrieval_overlap
from weightspace.weight_space.dichotomies import (
    count_dichotomies,
    gardner_capacity,
    is_separable,
    separable_labellings,
    share_of_dichotomies,
)

FOUND = counted({})


@pytest.mark.parametrize(("n", "odd_factorial"), [(2, 1), (3, 3), (4, 15)])
def test_capacities_of_dense_memories(n, odd_factorial):
    assert FOUND[f"dense_capacity_{n}"] == pytest.approx(100 ** (n - 1) / (2 * odd_factorial * np.log(100)))


def test_the_end_of_retrieval_on_a_fine_grid():
    y = np.linspace(0.5, 4, 350_001)
    erf = np.array([math.erf(value) for value in y])
    loads = (erf / y - 2 / np.sqrt(np.pi) * np.exp(-(y**2))) ** 2 / 2
    assert critical_load() == pytest.approx(loads.max(), rel=1e-9)
    assert critical_overlap() == pytest.approx(erf[loads.argmax()], abs=1e-5)


@pytest.mark.parametrize("load", [0.01, 0.05, 0.1, 0.13, 0.137])
def test_overlaps_solve_the_mean_field_equations(load):
    # The three equations themselves, iterated from full overlap.
    m = r = 1.0
    for _ in range(5000):
        c = np.sqrt(2 / (np.pi * load * r)) * np.exp(-(m**2) / (2 * load * r))
        m, r = math.erf(m / np.sqrt(2 * load * r)), 1 / (1 - c) ** 2
    assert retrieval_overlap(load) == pytest.approx(m, abs=1e-9)


def test_beyond_the_end_nothing_is_retrieved_and_no_load_is_refused():
    assert retrieval_overlap(critical_load() + 1e-6) == 0 < retrieval_overlap(critical_load() - 1e-9)
    with pytest.raises(ValueError, match="load is 0; allowed"):
        retrieval_overlap(0)


def test_a_line_in_one_over_n_ends_at_infinity():
    sizes = np.array([100.0, 200.0, 400.0])
    assert extrapolated(sizes, 0.9 + 3 / sizes) == pytest.approx(0.9)
    assert extrapolated(sizes[:1], np.array([0.7])) == 0.7


def test_gardner_by_a_sum_over_a_grid():
    t = np.linspace(-12, 12, 2_400_001)
    density = np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi) * (t[1] - t[0])
    for margin in (0.0, 0.5, 1.0):
        assert gardner_capacity(margin) == pytest.approx(1 / (density * np.maximum(t + margin, 0) ** 2).sum(), rel=1e-6)


def test_dichotomies_are_counted_as_cover_counts_them():
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 100_000)
    for points in (2, 3, 5, 8):
        drawn = rng.standard_normal((points, 2))
        # Every separable labelling is met by some weights.
        signs = np.sign(drawn @ np.stack([np.cos(angles), np.sin(angles)])).T
        assert len(np.unique(signs, axis=0)) == count_dichotomies(points, 2) == separable_labellings(drawn)
    for points, weights in ((5, 3), (6, 4), (4, 6)):
        assert separable_labellings(rng.standard_normal((points, weights))) == count_dichotomies(points, weights)
    assert share_of_dichotomies(40, 20) * 2 == 1


def test_separable_labels_have_weights_and_others_have_none():
    rng = np.random.default_rng(1)
    points, weights = rng.standard_normal((30, 5)), rng.standard_normal(5)
    labels = np.where(points @ weights > 0, 1, -1)
    assert is_separable(points, labels)
    assert not is_separable(np.concatenate([points, points[:1]]), np.append(labels, -labels[0]))


def test_balls_hold_the_patterns_within_them():
    patterns = patterns_of(np.arange(2**10), 10)
    distances = (patterns != patterns[37]).sum(axis=1)
    for distance in range(11):
        assert ball_size(10, distance) == (distances <= distance).sum()
        assert sphere_size(10, distance) == (distances == distance).sum()


def test_copies_of_ten_units():
    assert FOUND["copies_10"] == np.prod(2 * np.arange(1, 11, dtype=np.int64))


def energy(patterns, states, power):
    return -((np.asarray(states, dtype=np.int64) @ np.asarray(patterns, dtype=np.int64).T).astype(object) ** power)


def test_exclusive_or_by_integer_energies():
    rows = np.array([(x, y, -x * y) for x, y in itertools.product((-1, 1), repeat=2)])
    wrong = rows * [1, 1, -1]
    found = exclusive_or({})
    for n in (1, 2, 3, 5):
        gain = energy(rows, wrong, n).sum(axis=1) - energy(rows, rows, n).sum(axis=1)
        assert found[f"power_{n}"] == int((gain > 0).all())
    for n in (2, 3):
        right, other = (np.maximum(states @ rows.T, 0) ** n for states in (rows, wrong))
        assert found[f"rectified_{n}"] == int((right.sum(axis=1) > other.sum(axis=1)).all())
    assert (found["power_1"], found["power_2"], found["power_3"], found["rectified_2"]) == (0, 0, 1, 1)


@pytest.mark.parametrize("power", [1, 2, 3, 4, 5, 6])
def test_power_memories_recall_by_their_integer_energies(power):
    rng = np.random.default_rng(power)
    patterns, states = (rng.choice(np.array([-1, 1], dtype=np.int8), shape) for shape in ((12, 15), (20, 15)))
    memory = power_memory(patterns, power)
    assert memory.energy(states) == pytest.approx(
        (energy(patterns, states, power).sum(axis=1) / 15**power).astype(float)
    )
    large = memory.energy(states) != 0
    assert np.exp(memory.log_energy(states)[large]) == pytest.approx(np.abs(memory.energy(states)[large]) * 15.0**power)
    expected = states.copy()
    for state in expected:
        for _ in range(50):
            before = state.copy()
            for i in range(15):
                flipped = state.copy()
                flipped[i] *= -1
                if energy(patterns, flipped[None], power).sum() < energy(patterns, state[None], power).sum():
                    state[:] = flipped
            if (state == before).all():
                break
    assert (memory.recall(states).states == expected).all()
