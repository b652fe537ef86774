"""All binary weights counted, against a matrix product and where the counts are known."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weights import rng

from weightspace.data.hypercube import all_patterns, random_patterns
from weightspace.weight_space.binary_weights import (
    enumerate_weights,
    partition_binary_weights,
    signed_patterns,
    summarise,
)
from weightspace.weight_space.spaces import BinaryWeights


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
    table = summarise(counts)
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


def test_held_out_patterns_of_another_size_are_refused():
    with pytest.raises(ValueError, match="held-out patterns have 5 inputs and training patterns 7"):
        inspect.unwrap(enumerate_weights)(np.ones((2, 7)), np.ones((2, 5)), [1], units=1, threshold=0.5)
