"""Verdicts of checks."""

import numpy as np
import pytest

from weightspace.robustness import checks


def test_inequalities_fail_only_where_chance_cannot_explain_them():
    weaker, stronger = np.zeros(200, dtype=bool), np.zeros(200, dtype=bool)
    weaker[:5] = True
    row = checks.at_least("check", "net", stronger, weaker, names=("pgd", "fgsm"))
    assert (row["verdict"], row["p"]) == (checks.WARNING, pytest.approx(0.5**5))
    weaker[:10] = True
    row = checks.at_least("check", "net", stronger, weaker, names=("pgd", "fgsm"))
    assert (row["verdict"], row["p"]) == (checks.FAILED, pytest.approx(0.5**10))
    assert checks.at_least("check", "net", weaker, stronger, names=("pgd", "fgsm"))["verdict"] == checks.PASSED
    assert (
        checks.at_least("check", "net", stronger, weaker, names=("pgd", "fgsm"), tolerance=0.1)["verdict"]
        == checks.PASSED
    )


def test_a_failed_check_says_why_in_a_sentence():
    rows = [
        checks.bounded(
            "gradients that are zero", "net", value, high=0.1, n=10, what="the share of images without gradient"
        )
        for value in (0.0, 0.5)
    ]
    table = checks.worst(rows)
    assert len(table) == 2
    with pytest.raises(
        checks.AttackCheckError,
        match=r"1 of 2 checks of the attacks failed: net: the share of images without gradient is 0\.5",
    ):
        checks.judge(table)
    checks.judge(checks.worst(rows[:1]))
