"""Faults that would make a claim's word worth nothing, planted one by one: each is caught by a check or changes the
word to *not decided* with the reason. Further ones, in the file of claims itself, are in
tests/configuration/test_claims.py.
"""

import numpy as np
import pandas as pd
import pytest
from shipped_claims import DECIDING, MEASURED, SHIPPED, decided, tables_of

from weightspace.estimates import CLOPPER_PEARSON, clopper_pearson, share_of_seeds, share_over_seeds
from weightspace.report.claims import digest
from weightspace.report.decisions import (
    INCONCLUSIVE,
    SUPPORTED,
    WITH_INTERVAL,
    family_confidence,
    over_seeds,
    reachable,
)

FAMILY = [part["id"] for part in DECIDING if part["decision"]["kind"] in WITH_INTERVAL]
# Bars and margins of the parts that decide, a second time: who moves one has to say so twice.
BARS = {
    **dict.fromkeys(("C1a", "C1b", "C9a", "C9b"), ("universal", 1)),
    **dict.fromkeys(("C8a", "C8b"), ("universal", 1)),
    **dict.fromkeys(("C2a", "C10a", "C13a", "C20a", "C20b"), ("share", 0.5)),
    "C12a": ("share", -6),
    "C3a": ("range", 0.53, 0.83),
    "C11a": ("definition", -0.5, 0.5),
    **dict.fromkeys(("C3c", "C4a", "C5a", "C6a", "C6b", "C7a", "C7b", "C14a", "C19a"), ("different", 0.05)),
    **dict.fromkeys(("C4b", "C4c", "C15a", "C17a"), ("different", 1)),
    **dict.fromkeys(("C18a", "C18b"), ("different", 2)),
    "C10b": ("universal", 1e-9),
    "C16a": ("exploratory", 0.05),
}
ABOVE = [
    "C3c",
    "C4b",
    "C4c",
    "C5a",
    "C6a",
    "C6b",
    "C7a",
    "C7b",
    "C15a",
    "C16a",
    "C17a",
    "C18a",
    "C18b",
    "C2a",
    "C10a",
    "C13a",
    "C20a",
    "C20b",
]


def word_of(part, changed=None, **further):
    claims = decided(changed, left_out=(), **further).set_index("part")
    return claims.loc[part, "adjusted_word"]


def test_a_changed_bar():
    found = {}
    for part in DECIDING:
        numbers = [value for key, value in part["decision"].items() if key not in ("kind", "side")]
        found[part["id"]] = (part["decision"]["kind"], *numbers)
        if "side" in part["decision"]:
            assert part["decision"]["side"] == ("above" if part["id"] in ABOVE else "below"), part["id"]
    assert found == BARS
    assert digest("bar: 0.5") != digest("bar: 0.4")  # the report prints that of claims.yaml


@pytest.mark.parametrize("part", FAMILY)
def test_images_pooled_over_seeds(part):
    pooled = {"interval": CLOPPER_PEARSON, "n": 4000, "seeds": 10}
    assert word_of(part, {part: pooled}) == "not decided: its interval (clopper-pearson) is not over seeds"
    assert not word_of(part).startswith("not decided")


def test_an_interval_of_pooled_images_is_narrower_than_that_over_seeds():
    hits, n = np.array([10, 60, 20, 70, 40, 90, 30, 80, 50, 50]), np.full(10, 100)
    found, (low, high) = share_over_seeds(hits, n), clopper_pearson(500, 1000)
    assert high - low < (found.high - found.low) / 3
    assert over_seeds(pd.Series(vars(found)))
    assert over_seeds(pd.Series(vars(share_of_seeds(hits > 50))))
    assert not over_seeds(pd.Series(vars(share_over_seeds(hits[:1], n[:1]))))


@pytest.mark.parametrize("part", FAMILY)
def test_too_few_seeds(part):
    assert word_of(part, {part: {"seeds": 5}}) == "not decided: 5 seeds, 10 are asked for"


def with_precondition(needed, changed=None, **numbers):
    """Tables in which a precondition of a part has other numbers."""
    tables = tables_of(changed)
    table = tables[needed["table"]]
    chosen = np.logical_and.reduce([table[column] == value for column, value in needed["where"].items()])
    tables[needed["table"]] = table.assign(
        **{column: table[column].where(~chosen, value) for column, value in numbers.items()}
    )
    return tables


NEEDING = [part for part in MEASURED if part.get("requires")]


@pytest.mark.parametrize("part", NEEDING, ids=[part["id"] for part in NEEDING])
def test_a_control_that_has_not_learnt_or_an_attack_that_has_not_converged(part):
    needed = next(one for one in part["requires"] if one.get("spares") != word_of(part["id"]))
    tables = with_precondition(needed, **{needed.get("column", "estimate"): 0.3})
    assert word_of(part["id"], tables=tables).startswith(f"not decided: {needed['what']} is 0.3 (")
    tables = with_precondition(needed, **{needed.get("column", "estimate"): float("nan")})
    assert word_of(part["id"], tables=tables).startswith("not decided: ")


@pytest.mark.parametrize("part", ["C4b", "C4c", "C15a", "C17a", "C19a"])
def test_an_attack_that_has_not_converged_spares_the_word_that_a_stronger_one_would_make_surer(part):
    """The model errs more, or takes fewer flips, already: a stronger attack on it would only move it further."""
    definition = next(one for one in DECIDING if one["id"] == part)
    other = {"above": -9.0, "below": 0.9}[definition["decision"]["side"]]
    for place, kept in enumerate(("reversed", "supported")):
        for value, word in ((other, "reversed"), (-other, "supported")):
            numbers = {"estimate": value, "low": value - 0.01, "high": value + 0.01}
            found = word_of(
                part, tables=with_precondition(definition["requires"][place], {part: numbers}, estimate=0.3)
            )
            assert found == word if word == kept else found.startswith("not decided: ")


def test_preconditions_are_asked_for_where_they_matter():
    searched = {part["id"] for part in DECIDING if part["where"].get("quantity") == "median_flips"}
    assert {"C6c", "C18a", "C18b", *searched} <= {part["id"] for part in NEEDING}


def test_a_comparison_under_attack_holds_no_errors_that_are_made_clean():
    compared = [part for part in DECIDING if part["table"] == "flip_differences"]
    assert {part["where"]["images"] for part in compared} == {"right_under_both"}


def test_a_part_that_no_data_can_decide():
    def found(decision, seeds=SHIPPED["seeds"]):
        confidence = family_confidence(SHIPPED["family"])
        return reachable(decision, seeds=seeds, best=1.0, worst=0.0, confidence=confidence)

    assert SUPPORTED not in found({"kind": "share", "side": "above", "bar": 1.0})
    assert found({"kind": "share", "side": "above", "bar": 0.5}) == (SUPPORTED, "refuted")
    assert set(found({"kind": "share", "side": "above", "bar": 0.5}, seeds=5)) == {INCONCLUSIVE}


def test_the_family_is_as_large_as_the_file_says():
    assert len(FAMILY) == SHIPPED["family"]
