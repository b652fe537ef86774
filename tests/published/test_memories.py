"""Works of memories, small, against recall in plain numpy."""

import numpy as np
import pytest

from weightspace.data.hypercube import random_patterns
from weightspace.memories.dense import power_memory
from weightspace.published import memories
from weightspace.published.quantities import as_rows, share
from weightspace.retrieval.overlaps import overlaps_after_recall, retrieved_overlap
from weightspace.retrieval.random_starts import ends_in, half_load


def hebbian_recall(patterns, states):
    """Asynchronous, neuron after neuron, a tie keeps the state."""
    weights = patterns.T.astype(np.int64) @ patterns
    np.fill_diagonal(weights, 0)
    states = states.astype(np.int64)
    for state in states:
        while True:
            before = state.copy()
            for i in range(len(state)):
                field = weights[i] @ state
                state[i] = np.sign(field) or state[i]
            if (state == before).all():
                break
    return states


def test_overlaps_after_hebbian_recall():
    found = overlaps_after_recall(60, 0.12, probes=5, generator=np.random.default_rng(3))
    patterns = random_patterns(7, 60, generator=np.random.default_rng(3))
    expected = (hebbian_recall(patterns, patterns[:5]) * patterns[:5]).mean(axis=1)
    assert found == pytest.approx(expected)
    assert retrieved_overlap(np.array([1.0, 0.95, 0.2])) == pytest.approx(0.975)


def test_ends_are_exact_and_complements_are_others():
    rng = np.random.default_rng(0)
    patterns, starts = random_patterns(3, 40, generator=rng), random_patterns(50, 40, generator=rng)
    memory = power_memory(patterns, 2)
    ends = hebbian_recall(patterns, starts)
    expected = (ends[:, None] == patterns).all(axis=2).any(axis=1)
    assert (ends_in(memory, patterns, starts) == expected).all()
    assert 0 < expected.sum() < len(starts)
    both = ends_in(memory, np.concatenate([patterns, -patterns]), starts)
    assert both.sum() > expected.sum()


def test_half_load_is_where_the_share_crosses_one_half():
    rng = np.random.default_rng(1)
    patterns, starts = random_patterns(200, 30, generator=rng), random_patterns(60, 30, generator=rng)
    found = half_load(lambda stored: power_memory(stored, 3), patterns, starts)
    shares = [ends_in(power_memory(patterns[:k], 3), patterns[:k], starts).mean() for k in range(1, 100)]
    crossings = [k for k in range(1, 99) if shares[k - 1] >= 0.5 > shares[k]]
    assert min(abs(found - (k + 0.5)) for k in crossings) <= 1
    with pytest.raises(ValueError, match="does not cross one half between 1 and 2"):
        half_load(lambda stored: power_memory(stored, 3), patterns[:2], starts)


def test_fixed_points_of_the_hebbian_rule():
    patterns = random_patterns(9, 50, generator=memories.generator(2, "published patterns", 9, 50))
    expected = (hebbian_recall(patterns, patterns) == patterns).all(axis=1)
    assert (memories._fixed(9, 50, {"rule": "hebbian"}, 2) == expected).all()


def test_works_give_shares_with_n():
    found = memories.stored_patterns({"neurons": 60, "draws": 4})
    assert found["hebbian_all"].n == 4
    assert found["hebbian_nearly_all"].n == 4 * int(60 / (2 * np.log(60)))
    assert found["pseudo_inverse"].estimate == 1
    starts = memories.random_starts({"memories": 300, "starts": 20})
    assert starts["power_2"].estimate == 0 < starts["power_5"].estimate
    rows = as_rows({"count": 79375496, "share": share(3, 4)}).set_index("quantity")
    assert rows.loc["count", "estimate"] == 79375496
    assert rows.loc["share", "low"] < 0.75 < rows.loc["share", "high"]


def test_half_of_all_labellings_of_twice_as_many_points():
    found = memories.dichotomies({"weights": 6, "draws": 200})["at_twice_the_weights"]
    assert found.low < 0.5 < found.high
