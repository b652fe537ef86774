"""Words of parts and of claims, and the intervals from which they are read."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from weightspace.estimates import clopper_pearson, mean_over_seeds, share_of_seeds
from weightspace.report.decisions import (
    CONTRARY,
    DECIDED,
    SUPPORTED,
    adjusted,
    claim_word,
    family_confidence,
    reachable,
    row_word,
    word,
)

CLAIMS = yaml.safe_load((Path(__file__).parents[2] / "workflow/claims.yaml").read_text(encoding="utf-8"))
DECIDING = [part for claim in CLAIMS["claims"].values() for part in claim["parts"] if part.get("decides")]
# The best and the worst that can be measured, by the kind of decision and the unit.
ENDS = {"share of": (0.0, 1.0), "difference": (-1.0, 1.0), "flips": (-784.0, 784.0), "log10": (-700.0, 0.0)}
ENDS |= {"degrees": (-180.0, 180.0), "exponent": (-10.0, 10.0), "of the bound": (0.0, 1e9), "patterns": (-1e9, 0.0)}

DIFFERENT = {"kind": "different", "side": "below", "margin": 0.05}


@pytest.mark.parametrize(
    ("decision", "interval", "expected"),
    [
        (DIFFERENT, (-0.2, -0.06), "supported"),
        (DIFFERENT, (-0.2, -0.04), "inconclusive"),
        (DIFFERENT, (-0.04, 0.04), "negligible"),
        (DIFFERENT, (0.06, 0.2), "reversed"),
        (DIFFERENT, (-0.06, 0.06), "inconclusive"),
        ({"kind": "equal", "margin": 0.05}, (-0.04, 0.04), "supported"),
        ({"kind": "equal", "margin": 0.05}, (0.06, 0.2), "refuted"),
        ({"kind": "share", "side": "above", "bar": 0.5}, (0.4, 0.49), "refuted"),
        ({"kind": "range", "low": 0.53, "high": 0.83}, (0.5, 0.6), "inconclusive"),
        ({"kind": "range", "low": 0.53, "high": 0.83}, (0.1, 0.2), "refuted"),
    ],
)
def test_the_word_is_read_from_the_interval(decision, interval, expected):
    assert word(decision, sum(interval) / 2, *interval) == expected


def test_one_counterexample_refutes_what_is_universal_and_no_interval_saves_it():
    assert word({"kind": "universal", "at_least": 1}, 0.999, 0.99, 1) == "refuted"
    assert word({"kind": "universal", "at_least": 1}, 1.0, 0.69, 1) == "supported"
    assert word({"kind": "universal", "at_most": 1}, 1.01, 0, 2) == "refuted"


def test_an_adjusted_interval_is_the_one_that_would_have_been_made():
    values, confidence = np.array([0.61, 0.58, 0.66, 0.6, 0.63]), family_confidence(21)
    row = pd.Series(vars(mean_over_seeds(values, n=500)))
    wanted = mean_over_seeds(values, n=500, confidence=confidence)
    np.testing.assert_allclose(adjusted(row, confidence), (wanted.low, wanted.high))
    row = pd.Series(vars(share_of_seeds([True] * 9 + [False])))
    assert adjusted(row, confidence) == clopper_pearson(9, 10, confidence=confidence)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 700.0])
def test_the_six_digits_of_a_table_are_no_cut(scale):
    confidence, rng = family_confidence(21), np.random.default_rng(0)
    for values in scale * (1 + 0.1 * rng.normal(size=(20, 10))):
        found = mean_over_seeds(values, n=500)
        rounded = {key: float(f"{getattr(found, key):.6g}") for key in ("estimate", "low", "high")}
        wanted = mean_over_seeds(values, n=500, confidence=confidence)
        got = adjusted(pd.Series(vars(found) | rounded), confidence)
        np.testing.assert_allclose(got, (wanted.low, wanted.high), rtol=1e-4)


def test_an_interval_that_was_cut_stays_cut_on_that_side():
    values, confidence = np.array([0.99, 1.0, 0.9, 1.0, 1.0]), family_confidence(21)
    row = pd.Series(vars(mean_over_seeds(values, n=500, bounds=(0.0, 1.0))))
    wanted = mean_over_seeds(values, n=500, bounds=(0.0, 1.0), confidence=confidence)
    np.testing.assert_allclose(adjusted(row, confidence), (wanted.low, wanted.high))


def test_seeds_of_one_value_need_to_be_many():
    def found(seeds):
        row = pd.Series(vars(mean_over_seeds(np.ones(seeds), n=seeds)))
        return row_word(row, {"kind": "share", "side": "above", "bar": 0.5}, confidence=family_confidence(21))[0]

    assert (found(10), found(5)) == ("supported", "inconclusive")


def test_a_claim_is_supported_by_all_of_its_parts_only():
    assert claim_word(["supported", "supported"]) == "supported"
    assert claim_word(["supported", "inconclusive"]) == "inconclusive"
    assert claim_word(["refuted", "inconclusive"]) == "inconclusive"
    assert claim_word(["supported", "negligible"]) == "mixed"
    assert claim_word(["negligible", "negligible"]) == "refuted (negligible)"
    assert claim_word(["not decided", "not in this run"]) == "not decided"


@pytest.mark.parametrize("part", DECIDING, ids=[part["id"] for part in DECIDING])
def test_every_deciding_part_can_get_either_word(part):
    ends = next(value for unit, value in ENDS.items() if part["unit"].startswith(unit))
    if part["decision"]["kind"] in ("universal", "range", "definition", "exploratory"):
        inside = part["decision"].get("low", part["decision"].get("at_most", part["decision"].get("at_least")))
        words = {word(part["decision"], value, value, value) for value in (*ends, inside) if value is not None}
    else:
        confidence = family_confidence(CLAIMS["family"])
        words = set(
            reachable(part["decision"], seeds=CLAIMS["seeds"], best=ends[0], worst=ends[1], confidence=confidence)
        )
    assert words <= set(DECIDED)
    assert part["decision"]["kind"] == "exploratory" or (SUPPORTED in words and words & set(CONTRARY))
