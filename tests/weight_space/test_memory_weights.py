"""All binary matrices classified, against recall; a row's volume against Gardner's theory."""

from itertools import product

import numpy as np
import pytest
from made_weights import rng

from weightspace.data.hypercube import random_patterns
from weightspace.memories.recall import recall
from weightspace.weight_space import CLASSES, memory_weights
from weightspace.weight_space.memory_weights import enumerate_matrices, gardner_log10_volume

LN10 = np.log(10)


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
        memory_weights.row_volume(
            random_patterns(60, size, generator=rng(s)), 3, particles=200, sweeps=4, levels=500, generator=rng((s, 1))
        )
        for s in range(6)
    ]
    assert np.mean(found) / LN10 / 120 == pytest.approx(gardner_log10_volume(0.5), rel=0.08)
