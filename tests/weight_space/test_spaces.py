"""The tanh network's measure against whole weight vectors: errors, moves and norms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weights import log10_share, rng, volumes
from scipy import stats

from weightspace.data.hypercube import random_patterns
from weightspace.weight_space.spaces import TanhNetwork, span_coordinates


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
