"""Transfer from ensembles to rules that they hold out."""

import pandas as pd
import pytest

from weightspace.robustness import transfer


def test_ensembles_are_judged_on_rules_that_they_do_not_hold():
    ensembles = {
        "deep_networks": {"members": ["a", "b"], "held_out": []},
        "without_x": {"members": ["a", "y"], "held_out": ["x"]},
        "without_y": {"members": ["a", "x"], "held_out": ["y"]},
    }
    rules = {"a": "feedforward", "b": "feedforward", "x": "dense", "y": "hopfield"}
    success = {
        ("without_x", "x"): 0.5,
        ("without_y", "y"): 0.3,
        ("deep_networks", "x"): 0.2,
        ("deep_networks", "y"): 0.25,
        ("a", "x"): 0.1,
        ("a", "y"): 0.4,
    }
    success |= {("x", "x"): 1.0, ("x", "y"): 0.35, ("without_y", "x"): 0.9}
    rows = [
        {
            "source": source,
            "attack": "mi",
            "budget": 0.3,
            "target": target,
            "rule": rules[target],
            "seed": seed,
            "net": net + 0.01 * seed,
            "n_noise": 9,
        }
        for (source, target), net in success.items()
        for seed in (0, 1)
    ]
    table = (
        transfer.held_out_success(pd.DataFrame(rows), ensembles, rules)
        .set_index(["held_out", "source", "quantity"])
        .estimate
    )
    assert table["dense", "leave_one_out", "net"] == pytest.approx(0.505)
    assert table["least", "leave_one_out", "net"] == pytest.approx(0.305)
    assert table["least", "deep_networks", "net"] == pytest.approx(0.205)
    assert ("dense", "x", "net") not in table.index  # it holds that rule itself
    assert table["least", "leave_one_out", "minus_deep_networks"] == pytest.approx(0.1)
    assert table["least", "leave_one_out", "minus_best_single"] == pytest.approx(
        0.3 - 0.35
    )  # x, over the one rule that both leave out
