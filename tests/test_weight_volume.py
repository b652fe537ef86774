"""Volumes in weight space against enumeration, closed forms and theory: exact partitions, and subset simulation where
the truth is known.
"""

from itertools import combinations, product
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.linalg import hadamard

from weightspace.data.hypercube import all_patterns, random_patterns
from weightspace.memories.recall import recall
from weightspace.splitting import log_share, simulate
from weightspace.weight_space import memory_weight_space, volume
from weightspace.weight_space.enumeration import enumerate_weights
from weightspace.weight_space.memory_weight_space import enumerate_matrices, gardner_log10_volume
from weightspace.weight_space.partition import (
    CLASSES,
    partition_binary_weights,
    signed_patterns,
    summarise_binary_weights,
)
from weightspace.weight_space.spaces import BinaryWeights, LinearUnit, TanhNetwork, span_coordinates

LN10 = np.log(10)


def rng(seed):
    return np.random.default_rng(seed)


# --- exact partitions
# ---------------------------------------------------------------------------------------


def histogram_by_matrix_product(training, held_out, counts, units, threshold):
    weights = all_patterns(units * training.shape[1]).reshape(-1, units, training.shape[1]).astype(int)
    wrong, wrong_held = (np.sign(weights @ part.T.astype(int)).sum(axis=1) < 0 for part in (training, held_out))
    generalises = ((~wrong_held).mean(axis=1) >= threshold).astype(int)
    histogram = np.zeros((len(counts), len(training) + 1, 2), int)
    for index, count in enumerate(counts):
        np.add.at(histogram[index], (wrong[:, :count].sum(axis=1), generalises), 1)
    return histogram


@pytest.mark.parametrize(("units", "inputs"), [(1, 1), (1, 11), (1, 15), (3, 3), (3, 5), (5, 3)])
def test_enumeration_counts_what_a_matrix_product_counts(units, inputs):
    training, held_out = (
        random_patterns(70, inputs, generator=rng(inputs)),
        random_patterns(80, inputs, generator=rng(units)),
    )
    counts = [1, 3, 20, 64, 65, 70]
    found = enumerate_weights(training, held_out, counts, units=units, threshold=0.6)
    assert (found == histogram_by_matrix_product(training, held_out, counts, units, 0.6)).all()


def test_enumeration_of_orthogonal_patterns_is_known():
    """One pattern is right for half of all weights, and a pattern with its complement for none."""
    pattern = random_patterns(1, 13, generator=rng(0))
    found = enumerate_weights(np.concatenate([pattern, -pattern]), pattern, [1, 2], units=1, threshold=1)
    assert found[0, :2].tolist() == [
        [0, 2**12],
        [2**12, 0],
    ]  # who is right on the training pattern is right on the same one held out
    assert found[1, :3].sum(axis=1).tolist() == [0, 2**13, 0]


def test_enumeration_refuses_what_is_too_large_with_the_memory_that_it_would_take():
    with pytest.raises(
        ValueError, match=r"27 binary weights make 2\^27 weight vectors, whose errors would take 0.125 GiB"
    ):
        enumerate_weights(np.ones((1, 27)), np.ones((1, 27)), [1], units=1, threshold=1)
    with pytest.raises(ValueError, match="must be odd, so that no sum ties; found 4 inputs"):
        enumerate_weights(np.ones((1, 4)), np.ones((1, 4)), [1], units=1, threshold=1)
    with pytest.raises(ValueError, match=r"found \[2, 1\]"):
        enumerate_weights(np.ones((2, 3)), np.ones((1, 3)), [2, 1], units=1, threshold=1)


def test_classes_are_a_partition_and_a_teacher_is_exact():
    models = {"small": {"units": 3, "inputs": 3, "tasks": ["teacher", "random"]}}
    counts = partition_binary_weights(None, models=models, patterns=[1, 4, 9], held_out=20, threshold=0.7, seeds=3)
    assert (counts.groupby(["task", "patterns", "seed"])["count"].sum() == 2**9).all()
    table = summarise_binary_weights(counts)
    assert table.groupby(["task", "patterns"]).estimate.sum().to_numpy() == pytest.approx(1)
    exact = table[(table["class"] == "exact") & (table.task == "teacher")]
    assert (exact.estimate >= 2**-9).all()
    assert exact.estimate.is_monotonic_decreasing


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_classes_are_constant_on_orbits(seed):
    """Units interchanged, or flipped with their votes, answer alike: a committee's counts do not depend on the order of
    its units' tables.
    """
    drawn = rng(seed)
    signed = signed_patterns("teacher", None, inputs=5, units=3, count=12, generator=drawn)
    space = BinaryWeights(signed, units=3)
    state = space.draw(20, drawn)
    permuted = {"weights": state["weights"][:, drawn.permutation(3)]}
    for one, other in zip(space.score(state), space.score(permuted), strict=True):
        assert (one == other).all()


def classify(weights, patterns, threshold):
    """A matrix's class, by the fields and by this project's recall."""
    if (patterns * (patterns @ weights) > 0).all():
        return "exact"
    starts = np.repeat(patterns, patterns.shape[1], axis=0) * (
        1 - 2 * np.tile(np.eye(patterns.shape[1], dtype=int), (len(patterns), 1))
    )
    ends = recall(weights.astype(np.int32), starts.astype(np.int8), sweeps=100).states
    back = (ends == np.repeat(patterns, patterns.shape[1], axis=0)).all(axis=1).mean()
    return "generalised" if back >= threshold else "neither"


@pytest.mark.parametrize(("size", "stored", "threshold"), [(4, 1, 0.5), (4, 2, 0.5), (4, 3, 0.3), (6, 2, 0.5)])
def test_matrices_are_classified_as_by_recall(size, stored, threshold):
    patterns = random_patterns(stored, size, generator=rng(stored)).astype(int)
    above, expected = np.triu_indices(size, 1), dict.fromkeys(CLASSES, 0)
    signs = list(product((1, -1), repeat=len(above[0])))
    step = 1 if size == 4 else 37  # of the larger network every 37th
    counted = np.zeros(3, np.int64)
    for entries in signs[::step]:
        weights = np.zeros((size, size), int)
        weights[above] = entries
        expected[classify(weights + weights.T, patterns, threshold)] += 1
    if step == 1:
        counted = enumerate_matrices(patterns, threshold=threshold)
        assert counted.tolist() == list(expected.values())
    else:
        shares = enumerate_matrices(patterns, threshold=threshold) / 2 ** len(above[0])
        assert np.array(list(expected.values())) / len(signs[::step]) == pytest.approx(shares, abs=0.02)


def test_matrix_classes_do_not_change_under_gauge_and_interchange():
    patterns, random = random_patterns(2, 6, generator=rng(4)), rng(5)
    gauge, order = random_patterns(1, 6, generator=random), random.permutation(6)
    exact = enumerate_matrices(patterns, threshold=0.5)[0]
    assert (
        enumerate_matrices(patterns * gauge, threshold=0.5).tolist()
        == enumerate_matrices(patterns, threshold=0.5).tolist()
    )
    assert (
        enumerate_matrices(patterns[:, order], threshold=0.5)[0] == exact
    )  # recall's order of updating matters, strict minima do not
    with pytest.raises(ValueError, match=r"10 neurons have 2\^45 symmetric binary matrices, 3.28e\+04 GiB"):
        enumerate_matrices(np.ones((1, 10)), threshold=0.5)


# --- subset simulation where the truth is known
# ---------------------------------------------------------------------------------------


def volumes(space, largest, *, runs=6, seed=0, particles=300, sweeps=5, levels=1000, target=0):
    drawn = [
        simulate(
            space,
            largest=largest,
            target=target,
            particles=particles,
            sweeps=sweeps,
            levels=levels,
            generator=rng((seed, i)),
        )
        for i in range(runs)
    ]
    return np.array([run.log_share for run in drawn])


def log10_share(logs):
    return log_share(logs).decimal()


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


# --- the tanh network's space
# ---------------------------------------------------------------------------------------


def small_network(gain=1.0, hidden=3):
    patterns, labels = random_patterns(8, 11, generator=rng(1)).astype(float), rng(2).integers(0, 2, 8)
    others, other_labels = random_patterns(9, 11, generator=rng(3)).astype(float), rng(4).integers(0, 2, 9)
    return (
        patterns,
        labels,
        others,
        other_labels,
        TanhNetwork(patterns, labels, others, other_labels, hidden=hidden, classes=2, gain=gain),
    )


def answers(patterns, gain, hidden, count, generator):
    """The measure written out: whole weight vectors on their spheres, logits (count, 2, P)."""
    inputs = np.hstack([patterns, np.ones((len(patterns), 1))])
    first = generator.standard_normal((count, hidden, inputs.shape[1]))
    second = generator.standard_normal((count, 2, hidden + 1))
    for weights, fan_in in ((first, inputs.shape[1]), (second, hidden + 1)):
        radius = gain * np.sqrt(weights[0].size / fan_in)
        weights *= (radius / np.linalg.norm(weights.reshape(count, -1), axis=1))[:, None, None]
    units = np.tanh(first @ inputs.T)
    return second[:, :, :-1] @ units + second[:, :, -1:]


@pytest.mark.parametrize("gain", [0.5, 4])
def test_coordinates_of_the_span_give_the_whole_measure(gain):
    """Errors and violations have the distributions that whole weight vectors give: on the training patterns and, drawn
    later, on others.
    """
    patterns, labels, others, other_labels, space = small_network(gain)
    state, count = space.draw(6000, rng(5)), 6000
    for given_, given_labels, found in (
        (patterns, labels, space.score(state)[0]),
        (others, other_labels, space.other_errors(state, rng(6))),
    ):
        logits = answers(given_, gain, 3, count, rng(7))
        right, wrong = (
            logits[:, given_labels, np.arange(len(given_labels))],
            logits[:, 1 - given_labels, np.arange(len(given_labels))],
        )
        expected = (wrong >= right).sum(axis=1)
        assert np.bincount(found, minlength=10) / count == pytest.approx(
            np.bincount(expected, minlength=10) / count, abs=0.03
        )
        if given_ is patterns:
            violation = np.maximum(wrong - right, 0).sum(axis=1)
            assert stats.ks_2samp(space.score(state)[1], violation).pvalue > 0.001


def test_moves_keep_the_measure():
    """After many moves of all kinds without a level, the population is distributed as at first, and its fields fit its
    weights.
    """
    *_, space = small_network()
    state, fresh = space.draw(4000, rng(1)), space.draw(4000, rng(2))
    for step in (1.0, 0.3, 0.7):
        for block in range(space.blocks):
            state = state | space.propose(state, block, step, rng((block, int(10 * step))))
    for name in ("outside", "fields"):
        assert stats.ks_2samp(state[name].reshape(4000, -1)[:, 0], fresh[name].reshape(4000, -1)[:, 0]).pvalue > 0.001
    assert stats.ks_2samp(space.score(state)[1], space.score(fresh)[1]).pvalue > 0.001
    assert state["fields"] == pytest.approx(state["first"] @ space._inputs.T, abs=1e-4)


def test_a_pcn_step_of_the_norm_is_correlated_as_that_of_the_coordinates():
    """Of m coordinates moved by pCN, the covariance of the squared norm before and after is 2 m (1 − β²)."""
    *_, space = small_network(hidden=5)
    size, step = space._outside, 0.6
    before = rng(0).chisquare(size, 200_000)
    after = space._move_outside(before.astype(np.float32), step, rng(1))
    assert after.mean() == pytest.approx(size, rel=0.01)
    assert after.var() == pytest.approx(2 * size, rel=0.03)
    assert np.cov(before, after)[0, 1] == pytest.approx(2 * size * (1 - step**2), rel=0.04)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(1, 10), st.integers(0, 10**6))
def test_span_coordinates_keep_inner_products(count, size, seed):
    vectors_ = rng(seed).standard_normal((count, size))
    vectors_[-1] = vectors_[0]  # and do so where vectors repeat
    gram = vectors_ @ vectors_.T
    coordinates = span_coordinates(gram)
    assert coordinates @ coordinates.T == pytest.approx(gram, abs=1e-8)
    assert coordinates.shape[1] <= min(count, size)


def test_network_volume_agrees_with_plain_draws():
    patterns, labels, *_, space = small_network()
    logits = answers(patterns, 1.0, 3, 400_000, rng(9))
    right, wrong = logits[:, labels, np.arange(8)], logits[:, 1 - labels, np.arange(8)]
    errors = (wrong >= right).sum(axis=1)
    found = volumes(space, 8, runs=8, particles=600)
    for count in (0, 1, 2):
        assert log10_share(found[:, count])[0] == pytest.approx(np.log10((errors <= count).mean()), abs=0.12)


def test_volume_table_sums_to_one(mnist_patterns):
    simulated = volume.simulate_volumes(
        mnist_patterns,
        gain=1.0,
        hidden=4,
        patterns=6,
        held_out=10,
        threshold=0.6,
        draws=1,
        runs=3,
        particles=100,
        sweeps=2,
        levels=100,
    )
    table = volume.summarise(simulated).set_index("quantity")
    assert sum(10 ** table.loc[name].estimate for name in ("W_e", "W_g", "W_n")) == pytest.approx(1)
    assert table.loc["at_most_errors"].estimate.is_monotonic_increasing
    assert table.loc["W_e"].estimate == table.loc["at_most_errors"].estimate.iloc[0]


# --- Gardner's volume
# ---------------------------------------------------------------------------------------


def test_gardner_volume_has_its_limits():
    assert gardner_log10_volume(1e-4) == pytest.approx(
        -1e-4 * np.log10(2), rel=0.01
    )  # few patterns are as good as orthogonal
    assert gardner_log10_volume(2) == -np.inf
    loads = [gardner_log10_volume(load) for load in (0.2, 0.6, 1.0, 1.4, 1.8)]
    assert loads == sorted(loads, reverse=True)
    assert loads[2] < -np.log10(2)  # below the annealed average, which knows no typical patterns


def test_row_volume_is_near_the_theory():
    size = 121
    found = [
        memory_weight_space.row_volume(
            random_patterns(60, size, generator=rng(s)), 3, particles=200, sweeps=4, levels=500, generator=rng((s, 1))
        )
        for s in range(6)
    ]
    assert np.mean(found) / LN10 / 120 == pytest.approx(gardner_log10_volume(0.5), rel=0.08)
