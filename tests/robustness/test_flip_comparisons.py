"""Models compared under the search for the fewest flips: on which images, by flips, and by smallest numbers."""

import numpy as np
import pytest

from weightspace.attacks.flip_searches import CleanAnswers, FlipSearches
from weightspace.robustness.flip_comparisons import Searched, compare, tabulate_strength

SEEDS, IMAGES = 4, 12
PAIR = ["memory", "network"]


def searched(wrong=(), attacked=range(IMAGES)):
    """Two models on made-up images: the memory needs 2 flips for each, the network 6 for even images and 10 for odd."""
    index = np.tile(np.arange(IMAGES), (SEEDS, 1))
    errs = np.zeros((2, SEEDS, IMAGES), dtype=np.bool_)
    errs[0][:, list(wrong)] = True
    taken = np.isin(index, list(attacked))

    def found(flips):
        last = np.where(taken, flips, -2)
        found = np.zeros((SEEDS, IMAGES, 1), dtype=np.uint8)
        early = np.where(taken & (index == 0), -1, last)  # the first image is misled after the last doubling only
        return FlipSearches(index, np.array([50, 100]), np.stack([early, last]), found, np.full(index.shape, 100))

    searches = {"memory": found(np.full(index.shape, 2)), "network": found(np.where(index % 2, 10, 6))}
    return Searched(CleanAnswers(index, np.array(PAIR), errs), searches, largest=64)


def rows_of(one, *, decided=(), images=IMAGES):
    rows = compare(one, [("memory_or_network", *PAIR)], [1, 4, 8], decided=decided, images=images)
    return {(row["quantity"], row.get("budget")): row for row in rows}


def test_errors_and_medians_are_those_of_the_flips():
    rows = rows_of(searched())
    assert [rows["error", budget]["estimate"] for budget in (1, 4, 8)] == [0, 1, 0.5]
    assert (rows["error", 8]["error"], rows["error", 8]["reference_error"]) == (1, 0.5)
    assert rows["median_flips", None]["estimate"] == 2 - 6
    assert rows["error", 4]["n"] == SEEDS * IMAGES


def test_images_that_one_model_errs_on_clean_are_left_out():
    rows = rows_of(searched(wrong=[0, 2, 4]))
    assert rows["error", 4]["n"] == SEEDS * (IMAGES - 3)


def test_a_pair_that_decides_a_claim_is_compared_on_its_own_first_images():
    # Both were attacked on more: on images that other pairs of theirs chose.
    rows = rows_of(searched(wrong=[0]), decided=[PAIR[::-1]], images=5)
    assert rows["error", 8]["n"] == SEEDS * 5
    assert rows["error", 8]["reference_error"] == pytest.approx(2 / 5)  # even ones among 1 ... 5


def test_what_was_not_attacked_is_not_counted():
    assert rows_of(searched(attacked=[3, 4]))["error", 8]["n"] == SEEDS * 2


def test_strength_is_what_the_last_doubling_added():
    table = tabulate_strength(searched()).set_index(["model", "queries", "quantity"])
    assert table.loc[("memory", 100, "error")].estimate == 1
    assert table.loc[("memory", 100, "gain_by_doubling")].estimate == pytest.approx(1 / IMAGES)
    assert table.loc[("network", 50, "error")].estimate == pytest.approx(5 / IMAGES)
