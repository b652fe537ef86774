"""Multilevel splitting where the truth is known: closed forms, enumeration and plain draws; and its interval."""

from itertools import combinations, product
from math import comb

import numpy as np
import pandas as pd
import pytest
from made_weights import log10_share, rng, volumes
from scipy import stats
from scipy.linalg import hadamard

from weightspace.data.hypercube import random_patterns
from weightspace.splitting import simulate
from weightspace.weight_space import volume
from weightspace.weight_space.binary_weights import (
    enumerate_weights,
    signed_patterns,
)
from weightspace.weight_space.spaces import BinaryWeights, LinearUnit

LN10 = np.log(10)


def holds(interval, truth, slack):
    """Whether the interval, made a little wider, since one test in twenty would fail otherwise, holds the truth."""
    estimate, low, high = interval
    middle, half = (low + high) / 2, (high - low) / 2
    return abs(truth - middle) <= 1.6 * half + slack and abs(estimate - truth) < 0.5


@pytest.mark.parametrize(("stored", "size"), [(20, 32), (100, 128)])
def test_orthogonal_patterns_have_the_volume_two_to_the_minus_p(stored, size):
    found = volumes(LinearUnit(hadamard(size)[:stored]), stored, runs=4)
    assert holds(log10_share(found[:, 0]), -stored * np.log10(2), 0.02)
    # All along the curve the number of errors is binomial.
    middle = stored // 4
    assert holds(log10_share(found[:, middle]), stats.binom(stored, 0.5).logcdf(middle) / LN10, 0.05)


def test_equicorrelated_patterns_have_the_volume_one_over_p_plus_one():
    gram = (np.ones((30, 30)) + np.eye(30)) / 2
    found = volumes(LinearUnit(np.linalg.cholesky(gram)), 30, particles=1000)
    assert holds(log10_share(found[:, 0]), -np.log10(31), 0.02)


def test_two_and_three_patterns_have_the_volumes_of_their_angles():
    patterns = rng(3).standard_normal((3, 5))
    unit = patterns / np.linalg.norm(patterns, axis=1, keepdims=True)
    angles = [np.arccos(unit[i] @ unit[j]) for i, j in combinations(range(3), 2)]
    two, three = (np.pi - angles[0]) / (2 * np.pi), (2 * np.pi - sum(angles)) / (4 * np.pi)
    for count, truth in ((2, two), (3, three)):
        found = volumes(LinearUnit(patterns[:count]), count, particles=4000, runs=8)
        assert log10_share(found[:, 0])[0] == pytest.approx(np.log10(truth), abs=0.02)


def test_cells_of_gaussian_patterns_are_as_many_as_cover_counts_and_fill_the_sphere():
    """Cover 1965: of 2^P labellings of P points in general position, C(P, N) = 2 Σ_{k<N} (P−1 choose k) have
    weights.
    """
    points, size = rng(0).standard_normal((6, 3)), 3
    cells, total = 0, 0.0
    for number, signs in enumerate(product((1, -1), repeat=6)):
        space = LinearUnit(points * np.array(signs)[:, None])
        run = simulate(space, largest=6, particles=400, sweeps=4, levels=25, generator=rng((1, number)))
        cells += np.isfinite(run.log_share[0])
        total += np.exp(run.log_share[0]) if np.isfinite(run.log_share[0]) else 0
    assert cells == 2 * sum(comb(5, k) for k in range(size))
    assert total == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(("units", "inputs", "stored"), [(1, 15, 14), (3, 5, 12)])
def test_flip_moves_on_binary_weights_find_the_enumerated_volumes(units, inputs, stored):
    signed = signed_patterns("teacher", None, inputs=inputs, units=units, count=stored, generator=rng(8))
    counted = enumerate_weights(signed, signed, [stored], units=units, threshold=1)[0].sum(axis=1)
    truth = np.log10(counted.cumsum() / counted.sum())
    found = volumes(BinaryWeights(signed, units=units), stored, particles=600, runs=8)
    assert truth[0] < -2
    for errors in range(stored):
        assert log10_share(found[:, errors])[0] == pytest.approx(truth[errors], abs=0.15 if errors == 0 else 0.08)


def test_unreachable_errors_end_with_a_bound():
    pattern = random_patterns(1, 9, generator=rng(0))
    run = simulate(
        LinearUnit(np.concatenate([pattern, -pattern])), largest=2, particles=100, sweeps=2, levels=12, generator=rng(0)
    )
    assert np.isnan(run.log_share[0])
    assert run.log_share[1] == 0
    assert run.bound <= 0
    runs = pd.DataFrame({"log_volume": [np.nan, -30.0], "bound": [-8.0, -30.5]})
    found = volume.volume(runs)
    assert np.isnan(found["estimate"])
    assert (found["high"], found["guarantee"]) == (pytest.approx(-8 / LN10), "upper bound")


def test_intervals_hold_the_truth():
    """A reduced version of benchmarks/coverage_weight_volume.py, which repeats this a hundred times down to 10^-30."""
    space, truth, held, widths = LinearUnit(hadamard(32)[:20]), -20 * np.log10(2), 0, []
    for repeat in range(20):
        _, low, high = log10_share(volumes(space, 20, runs=5, particles=150, sweeps=3, seed=100 + repeat)[:, 0])
        held += low <= truth <= high
        widths.append(high - low)
    assert held >= 16  # fewer have a chance of 0.3 % where 95 % hold it
    assert np.median(widths) <= 0.6


def test_interval_of_one_run_is_open_and_of_equal_runs_is_a_point():
    assert log10_share([-2.3]) == (pytest.approx(-2.3 / LN10), -np.inf, 0.0)
    assert log10_share([-2.3] * 3) == pytest.approx((-2.3 / LN10,) * 3)
