"""Transfer from ensembles to rules that they hold out: what is chosen is measured on other seeds."""

import pandas as pd
import pytest
from grey_attack_data import score_rows

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
            "differing": 4,
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


ENSEMBLES = {
    "deep_networks": {"members": ["a", "b"], "held_out": []},
    "without_x": {"members": ["a", "y"], "held_out": ["x"]},
    "without_y": {"members": ["a", "x"], "held_out": ["y"]},
}
RULES = {"a": "feedforward", "b": "feedforward", "x": "dense", "y": "hopfield"}
FIRST, SECOND = (0, 2), (1, 3)  # the halves of four seeds


def least_of(success, seeds=range(4)):
    """Rows on the least from {(source, target): a function of the seed}."""
    cell = {"attack": "mi", "budget": 0.3, "n_noise": 100, "differing": 40}
    rows = [
        {"source": source, "target": target, "rule": RULES[target], "seed": seed, "net": net(seed), **cell}
        for (source, target), net in success.items()
        for seed in seeds
    ]
    table = transfer.held_out_success(pd.DataFrame(rows), ENSEMBLES, RULES)
    return table[table.held_out == "least"].set_index(["source", "quantity"])


def test_a_rule_chosen_on_the_seeds_it_is_measured_on_is_caught():
    """Each half has another rule of least success, 0.3 against 0.5, by chance: chosen on the same seeds, the least
    would be 0.3 everywhere; on the other ones it is 0.5.
    """
    success = {
        ("without_x", "x"): lambda seed: 0.3 if seed in FIRST else 0.5,
        ("without_y", "y"): lambda seed: 0.5 if seed in FIRST else 0.3,
        ("deep_networks", "x"): lambda seed: 0.2,
        ("deep_networks", "y"): lambda seed: 0.25,
    }
    least = least_of(success)
    assert least.estimate["leave_one_out", "net"] == pytest.approx(0.5)
    assert least.estimate["leave_one_out", "minus_deep_networks"] == pytest.approx(0.3)


def test_a_single_source_chosen_on_the_seeds_it_is_measured_on_is_caught():
    """Of two single networks each is the better one in one half, by chance: chosen elsewhere, the best is the worse."""
    success = {
        ("without_x", "x"): lambda seed: 0.3,
        ("without_y", "y"): lambda seed: 0.4,
        ("a", "x"): lambda seed: 0.6 if seed in FIRST else 0.1,
        ("b", "x"): lambda seed: 0.1 if seed in FIRST else 0.6,
    }
    best = least_of(success).loc[("leave_one_out", "minus_best_single")]
    assert best.estimate == pytest.approx(0.3 - 0.1)
    assert best.rival == "a, b"


def test_a_row_has_the_answers_behind_itself_and_no_interval_without_width():
    success = {
        ("without_x", "x"): lambda seed: 0.3,
        ("without_y", "y"): lambda seed: 0.4,
        ("deep_networks", "x"): lambda seed: 0.2,
    }
    least = least_of(success)
    row = least.loc[("leave_one_out", "net")]
    assert (row.n, row.seeds, row.interval) == (400, 4, "all seeds equal")
    assert row.low < 0.3 - 0.4 < 0.3 + 0.4 < row.high  # 160 of 400 images differ between attack and noise
    assert (least.low < least.high).all()


def test_one_seed_is_both_halves():
    success = {("without_x", "x"): lambda seed: 0.3, ("without_y", "y"): lambda seed: 0.4}
    row = least_of(success, seeds=[0]).loc[("leave_one_out", "net")]
    assert (row.estimate, row.low, row.high, row.interval) == (0.3, -1, 1, "none")
    assert transfer.halves([5, 3, 4]) == [([3, 5], [4]), ([4], [3, 5])]


def test_success_by_rule_has_width_where_all_seeds_agree():
    cell = {"source": "s", "attack": "pgd", "budget": 0.3, "n_noise": 50, "differing": 0}
    rows = [
        {**cell, "target": target, "rule": RULES[target], "seed": seed, "net": 0.0}
        for target in "ax"
        for seed in (0, 1, 2)
    ]
    below = pd.DataFrame([row | {"below": 0.0} for row in rows if row["target"] == "x"])
    table = transfer.by_rule(pd.DataFrame(rows), below, {})
    assert set(table.quantity) == {"net", "below_networks"}
    assert (table.low < table.high).all()
    assert (table.n == 150).all()


def test_networks_and_memory_are_compared_on_the_same_images():
    """Planted: the attack misleads the network on the images that the memory gets wrong clean, and on no other."""
    right, wrong = [1] * 10, [1] * 5 + [2] * 5

    def scores(clean, attacked, answer):
        cells = {("pgd", "source", 0.0): clean, ("pgd", "source", 0.3): attacked}
        cells |= {("noise", "none", 0.0): clean, ("noise", "none", 0.3): clean}
        return score_rows({(*cell, answer): predicted for cell, predicted in cells.items()})

    network = pd.concat([scores(right, wrong, answer) for answer in ("grey", "binarised")])
    models = {"source": network, "other": network, "memory": scores(wrong, wrong, "nearest")}
    rules = {"source": "feedforward", "other": "feedforward", "memory": "hopfield"}
    found = transfer.below_networks(models, ["source", "other"], rules, {"pgd": "noise"}, {})
    assert found.below.tolist() == [0.0, 0.0]
    assert found.n_noise.tolist() == [5, 5]
    misled = {**models, "other": pd.concat([scores(right, [2, *wrong[1:]], way) for way in ("grey", "binarised")])}
    found = transfer.below_networks(misled, ["source", "other"], rules, {"pgd": "noise"}, {})
    assert found.below.tolist() == [0.2, 0.2]  # one of five, of the one network that is not the source
    assert transfer.below_networks(misled, ["source", "other"], rules, {"pgd": "noise"}, {"source": ["memory"]}).empty
