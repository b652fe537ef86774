"""Where recall leads against outcomes by hand."""

import numpy as np
import pandas as pd
import pytest
from made_memories import memory_of, rng

from weightspace.data.hypercube import random_patterns
from weightspace.memories.recall import Recall
from weightspace.retrieval import basins


def test_outcomes_by_hand():
    stored = np.array([[1, 1, 1, 1], [1, 1, -1, -1]], np.int8)
    final = np.array(
        [[1, 1, 1, 1], [1, 1, -1, -1], [-1, -1, -1, -1], [-1, -1, 1, 1], [1, -1, 1, -1], [1, 1, 1, 1]], np.int8
    )
    recalled = Recall(final, np.array([1, 1, 1, 1, 1, 0], bool), *np.ones((2, 6), int), np.zeros(6, bool))
    found = basins.outcomes(recalled, stored, np.zeros(6, int))
    assert [basins.OUTCOMES[outcome] for outcome in found] == [
        "returned",
        "other_stored",
        "complement",
        "complement",
        "spurious",
        "not_settled",
    ]


def test_one_pattern_draws_all_states_that_are_nearer_to_it_than_to_its_complement():
    memory = memory_of(random_patterns(1, 21, generator=rng(0)))
    found = basins.measure_basins(memory, distances=[0, 5, 10, 11, 21], patterns=5, starts=30, generator=rng(1))
    shares = found.pivot(index="distance", columns="outcome", values="hits")
    assert (found.n == 30).all()
    assert shares["returned"].to_dict() == {0: 30, 5: 30, 10: 30, 11: 0, 21: 0}
    assert shares["complement"].to_dict() == {0: 0, 5: 0, 10: 0, 11: 30, 21: 30}


def test_each_start_is_judged_by_the_pattern_that_it_came_from():
    memory = memory_of(random_patterns(3, 60, generator=rng(0)))
    found = basins.measure_basins(memory, distances=[1], patterns=3, starts=5, generator=rng(1))
    assert found[found.hits > 0][["outcome", "hits", "n"]].to_numpy().tolist() == [["returned", 15, 15]]


def test_basins_table_has_a_row_for_each_outcome():
    memory = memory_of(random_patterns(3, 40, generator=rng(0)))
    counts = [
        basins.measure_basins(memory, distances=[0, 20], patterns=2, starts=4, generator=rng(s)).assign(
            memory="it", seed=s
        )
        for s in (1, 2)
    ]
    table = basins.summarise(pd.concat(counts))
    assert list(table.outcome) == list(basins.OUTCOMES) * 2
    assert table.groupby("distance").estimate.sum().tolist() == pytest.approx([1, 1])
    assert (table.n == 16).all()
