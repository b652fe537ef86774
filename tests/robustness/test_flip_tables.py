"""Tables of attacks by flips."""

import numpy as np
import pytest
from flip_data import (
    KNOWLEDGE,
    outcomes_of,
    scores_of,
    sound,
)

from weightspace.report.about_bit_flips import paragraph
from weightspace.robustness.flip_tables import (
    FlipOutcomes,
    tabulate_differences,
    tabulate_flips,
    tabulate_minimal_flips,
    tabulate_transfer,
)


def test_tables_count_what_the_scores_hold(data):
    outcomes = FlipOutcomes(scores_of(data))
    table = tabulate_flips(outcomes, {"flip": "labels"}).set_index(["model", "attack", "budget", "images"])
    assert table.loc[("first", "best", 0, "all")].estimate == 0
    assert table.loc[("first", "best", 1, "all")].estimate == 1
    second = np.mean([(data.test(np.arange(a, a + 10))[:, 1] > 0) != data.test_labels[a : a + 10] for a in (0, 10)])
    assert table.loc[("second", "random", 4, "all")].estimate == pytest.approx(second)
    assert table.loc[("second", "flip", 1, "right_clean")].estimate == 1
    minimal = tabulate_minimal_flips(outcomes)
    assert (minimal.estimate == 1).all()
    assert (minimal.found == 1).all()
    transfer = tabulate_transfer(outcomes).set_index(["source", "model", "budget", "images", "quantity"])
    assert transfer.loc[("second", "first", 1, "all", "error")].estimate == 0
    assert transfer.loc[("first", "first", 1, "all", "above_random")].estimate == 1
    differences = tabulate_differences(outcomes, [("memory_or_network", "second", "first")], "first")
    rows = differences.set_index(["attack", "budget", "images"])
    assert rows.loc[("best", 0, "all")].estimate == pytest.approx(second)
    assert rows.loc[("best", 1, "right_under_both")].estimate == 0
    assert rows.loc[("transfer", 1, "right_under_both")].estimate == -1


def test_tables_of_a_run_that_compares_and_transfers_nothing():
    outcomes = outcomes_of(sound()[0], {})
    outcomes._transferred[:, :, :2] = -1
    transfer, differences = tabulate_transfer(outcomes), tabulate_differences(outcomes, [], "victim")
    assert transfer.empty
    assert differences[differences.comparison == "recall_then_classify"].empty
    table = tabulate_flips(outcomes, KNOWLEDGE)
    named = {"network": "victim", "networks": ["victim"], "memories": ["other"], "controls": []}
    text = paragraph(table, transfer, differences, **named, budget=4, classes=10)
    assert text.splitlines()[3].startswith("**Adaptive.**")
