"""Errors set beside those on the same images clean and with noise, and what is tabulated of them."""

import numpy as np
import pandas as pd
import pytest
from grey_attack_data import score_rows

from weightspace.robustness import error_by_budget, grey_comparisons, paired_errors, scoring


@pytest.fixture
def scores():
    """Four images: one wrong when clean, one misled by the attack alone, one by noise as well, one never."""
    clean = [0, 1, 1, 1]
    return score_rows(
        {
            ("pgd", "net", 0.0, "grey"): clean,
            ("pgd", "net", 0.1, "grey"): [1, 2, 2, 1],
            ("noise", "none", 0.0, "grey"): clean,
            ("noise", "none", 0.1, "grey"): [0, 1, 3, 1],
        }
    )


def test_counts_are_paired_by_image(tmp_path, scores):
    scoring.write_scores(tmp_path / "a.npz", scores)
    outcomes = paired_errors.PairedErrors(scoring.read_scores(tmp_path / "a.npz"))
    everything = np.ones(4, dtype=bool)
    found = paired_errors.count_cell(outcomes, ("net", "pgd", 0.1, "grey"), "noise", everything)
    assert found == dict(zip(paired_errors.COUNTS, (4, 2, 2, 1, 4, 2, 1, 1), strict=True))
    right = paired_errors.count_cell(outcomes, ("net", "pgd", 0.1, "grey"), "noise", outcomes.right_when_clean("grey"))
    assert right == dict(zip(paired_errors.COUNTS, (3, 2, 2, 0, 3, 1, 1, 0), strict=True))
    alone = paired_errors.count_cell(outcomes, ("net", "pgd", 0.1, "grey"), None, everything)
    assert alone["n_noise"] == 0


def test_tables_of_attacks_have_a_row_for_each_quantity(scores):
    counts = pd.concat(
        [error_by_budget.count_network(scores, "net", {"pgd": "noise"}).assign(seed=seed) for seed in (0, 1)]
    )
    table = error_by_budget.errors_table(counts).set_index(["attack", "budget", "images", "quantity"]).estimate
    assert table["pgd", 0.1, "right_clean", "error"] == pytest.approx(2 / 3)
    assert table["pgd", 0.1, "right_clean", "minus_noise"] == pytest.approx(1 / 3)
    assert table["pgd", 0.1, "all", "minus_clean"] == pytest.approx(1 / 4)
    assert table["clean", 0.0, "all", "error"] == 0.25
    assert table["noise", 0.1, "all", "error"] == 0.5


def test_models_are_compared_by_the_best_of_the_same_attacks_on_images_that_both_answer_rightly():
    def errors(cells):
        clean = {(attack, "own", 0.0, "grey"): [0, 1, 1, 1, 1] for attack in ("pgd", "slow")}
        cells = clean | {(attack, "own", 0.1, "grey"): found for attack, found in cells.items()}
        cells[("pgd", "own", 0.3, "grey")] = [1] * 5  # nothing new
        return {0: paired_errors.PairedErrors(score_rows(cells))}

    # The first image is wrong when clean; the slow attack was made on the first three images of the one model only.
    one = errors({"pgd": [1, 2, 1, 1, 1], "slow": [1, 1, 2, 1, 1], "own": [2, 2, 2, 2, 2]})
    other = errors({"pgd": [1, 1, 1, 1, 2], "slow": [1, 1, 1]})
    found = grey_comparisons.compare({"a": one, "b": other}, [["a", "b"], ["b", "a"]], ["pgd", "slow", "own"])
    assert found.budget.tolist() == [0.1, 0.3, 0.1, 0.3]
    assert found.estimate.tolist() == [0.25, 0.25, -0.25, -0.25]
    first = found.iloc[0]
    assert (first.model, first.n, first.error, first.reference_error) == ("a", 4, 0.5, 0.25)


def test_smallest_budgets_and_their_quantiles():
    cells = {
        ("pgd", "net", 0.0, "grey"): [1] * 4,
        ("pgd", "net", 0.1, "grey"): [2, 1, 1, 1],
        ("pgd", "net", 0.3, "grey"): [1, 2, 2, 1],
    }
    (found,) = error_by_budget.smallest_budgets(score_rows(cells), "net").values()
    assert found.tolist() == [0.1, 0.3, 0.3, np.inf]
    seeds = np.random.default_rng(0).normal(size=(10, 101))
    median = error_by_budget.quantile_rows(list(seeds))[1]
    ordered = np.sort(np.median(seeds, axis=1))
    assert [median[key] for key in ("estimate", "low", "high")] == [ordered[4], ordered[1], ordered[8]]
    assert (median["n"], median["seeds"], median["interval"]) == (1010, 10, "order of seeds")


def test_the_order_of_seeds_covers_their_median_and_images_of_one_seed_are_no_seeds():
    """Seeds that differ much, each of many images that differ little: pooled, the interval would be far too narrow."""
    rng, covered = np.random.default_rng(1), 0
    for _ in range(200):
        seeds = rng.normal(size=10)[:, None] + 0.01 * rng.normal(size=(10, 100))
        row = error_by_budget.quantile_rows(list(seeds))[1]
        covered += row["low"] <= 0 <= row["high"]
    assert covered >= 0.93 * 200
    few = error_by_budget.quantile_rows(list(seeds[:5]))[1]
    assert (few["low"], few["high"], few["interval"]) == (0.0, np.inf, "none")
