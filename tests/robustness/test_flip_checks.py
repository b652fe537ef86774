"""Checks of the attacks by flips, on outcomes with a planted fault."""

import numpy as np
import pandas as pd
import pytest
from flip_data import KNOWLEDGE, attacked, outcomes_of, random_of, sound

from weightspace.attacks import flips
from weightspace.attacks.flip_searches import CleanAnswers, FlipSearches
from weightspace.files import FileError
from weightspace.robustness.checks import COLUMNS, AttackCheckError, judge
from weightspace.robustness.flip_checks import check_outcomes, check_searches, count_patterns
from weightspace.robustness.flip_comparisons import Searched


def test_patterns_that_were_checked_are_counted(data):
    assert count_patterns([attacked(data, 0), random_of(data)]) == 20 + 40 + 40


def verdicts(outcomes, knowledge=KNOWLEDGE):
    """The gravest verdict of each check on the victim, and all rows."""
    table = pd.DataFrame(check_outcomes(outcomes, knowledge, checked=7, classes=10), columns=COLUMNS)
    mine = table[~table.subject.str.startswith("other")]
    grave = {
        name: min(group, key=("failed", "warning", "passed").index) for name, group in mine.groupby("check").verdict
    }
    return grave, table


def test_sound_attacks_pass_all_checks():
    found, table = verdicts(outcomes_of(*sound()))
    assert set(found.values()) == {"passed"}
    assert len(found) == 8
    assert table.n[0] == 7
    judge(table)


def weak_whitebox(flips_of, transferred):
    flips_of[:60] = 5  # at 4 flips only 40 of each hundred by itself, 90 by transfer
    transferred["other"][1] = np.arange(100) < 90


def clamped_budget(flips_of, transferred):
    flips_of[:30] = flips.NOT_FOUND


def weaker_than_noise(flips_of, transferred):
    flips_of[:] = 30
    transferred["random"][2] = 1
    transferred["victim"][:] = 0
    transferred["other"][:] = 0


def less_with_more(flips_of, transferred):
    transferred["victim"][2, :70] = 0


@pytest.mark.parametrize(
    ("fault", "check", "sentence"),
    [
        (
            weak_whitebox,
            "direct flips at least as strong as transferred ones",
            "the best attack on it misleads 0.400, that on other 0.900",
        ),
        (
            clamped_budget,
            "flips without a bound mislead always",
            "the share of images misled by any number of flips is 0.7",
        ),
        (
            weaker_than_noise,
            "flips at least as strong as random ones",
            "victim, 16 flips: of 200 images, the best attack misleads 0.000",
        ),
        (
            less_with_more,
            "success grows with the number of flips",
            "victim, 16 flips: of 200 images, 16 flips by gradients misleads 0.300, 4 1.000",
        ),
    ],
)
def test_a_planted_fault_is_caught_by_its_check(fault, check, sentence):
    flips_of, transferred = sound()
    fault(flips_of, transferred)
    found, table = verdicts(outcomes_of(flips_of, transferred))
    assert {name for name, verdict in found.items() if verdict == "failed"} == {check}
    with pytest.raises(AttackCheckError, match=sentence):
        judge(table)


def test_an_inequality_reversed_by_chance_is_a_warning():
    flips_of, transferred = sound()
    flips_of[:4] = 5
    transferred["victim"][1, :] = 1
    transferred["other"][1] = np.arange(100) >= 1  # at 4 flips 99 against 96 of each seed's hundred
    found, table = verdicts(outcomes_of(flips_of, transferred))
    assert found["direct flips at least as strong as transferred ones"] == "warning"
    judge(table)


def test_a_missing_kind_of_attack_fails():
    found, table = verdicts(outcomes_of(*sound()), {"a": "gradients", "b": "gradients", "c": "labels"})
    assert found["flips by scores"] == "failed"
    with pytest.raises(AttackCheckError, match=r"attacked in bits by 0 attack\(s\) that see its scores"):
        judge(table)


def test_a_model_that_gives_one_answer_cannot_be_misled_and_is_told_apart():
    _, transferred = sound()
    wrong = (np.arange(100) < 88).astype(np.int8)
    transferred = {source: np.broadcast_to(wrong, (3, 100)) for source in transferred}
    found, table = verdicts(outcomes_of(np.where(wrong, 0, flips.NOT_FOUND), transferred, wrong))
    assert found["flips without a bound mislead always"] == "warning"
    judge(table)


def searches_of(flips_of, *, queries=(50, 100), spent=100, index=None, images=100):
    index = np.stack([np.arange(images)] * 2) if index is None else index
    found = np.broadcast_to(flips_of, (2, 2, images)).astype(np.int16)
    nothing = np.zeros((2, images, 1), dtype=np.uint8)
    return FlipSearches(index, np.array(queries), found, nothing, np.full((2, images), spent))


def search_verdicts(mine, other=None):
    """The gravest verdict of each check of the searches, the victim's and the other model's."""
    searches = {"victim": mine, "other": searches_of(3) if other is None else other}
    answers = CleanAnswers(
        np.stack([np.arange(100)] * 2), np.array(["victim", "other"]), np.zeros((2, 2, 100), dtype=bool)
    )
    rows = list(check_searches(Searched(answers, searches, largest=64), outcomes_of(*sound())))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return {
        name: min(group, key=("failed", "warning", "passed").index) for name, group in table.groupby("check").verdict
    }


def test_a_sound_search_passes_all_checks():
    assert set(search_verdicts(searches_of(3)).values()) == {"passed"}


@pytest.mark.parametrize(
    ("mine", "check"),
    [
        (searches_of(3, queries=(50, 200)), "search with equal queries on the same images"),
        (searches_of(3, spent=101), "search with equal queries on the same images"),
        (
            searches_of(3, index=np.stack([np.arange(100) + 1] * 2)),
            "search with equal queries on the same images",
        ),
        (searches_of(np.where(np.arange(100) < 85, 5, 3)), "search at least as strong as transferred ones"),
        (searches_of(40), "search at least as strong as random ones"),
    ],
)
def test_an_attack_that_is_sharper_or_duller_on_one_model_is_caught(mine, check):
    assert search_verdicts(mine)[check] == "failed"


def test_test_images_used_twice_are_refused(data, tmp_path):
    path = tmp_path / "searches.npz"
    index = np.stack([np.r_[0, np.arange(9)]] * 2)
    found = data.packed_test[index]
    FlipSearches(
        index, np.array([10, 20]), np.full((2, 2, 10), -1, dtype=np.int16), found, np.zeros((2, 10), dtype=np.int64)
    ).write(path)
    with pytest.raises(FileError, match="test image 0 is there twice in seed 0"):
        FlipSearches.read(path, data)
