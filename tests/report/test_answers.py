"""Answers composed from the table of claims."""

import re
from types import SimpleNamespace

import pytest
from shipped_claims import RULES, WORDS, decided

from weightspace.report.answers import AnswerError, answer, headline, in_unit, overall


def test_every_claim_is_asked_and_every_part_of_it_told():
    assert set(WORDS) == set(RULES)
    for claim, words in WORDS.items():
        assert words["question"].endswith("?")
        named = set(re.findall(r"\{(C\d+[a-z]?)[.}]", " ".join(words["answer"])))
        assert named == {part["id"] for part in RULES[claim]["parts"]}


def test_answers_hold_the_numbers_of_their_parts():
    claims = decided()
    rows = {claim: list(cells.itertuples()) for claim, cells in claims.groupby("claim")}
    _, text = answer("C2", RULES["C2"], rows["C2"], WORDS["C2"])
    assert "pixels by at most 0.1 of full scale, pgd misleads" in text
    assert "on **25.0 %** (20.0 to 30.0; n = 400, 10 seeds) of the test images" in text
    assert "**+25.0 points** (+20.0 to +30.0) above" in text  # n is not said again
    assert "{" not in text
    _, text = answer("C1", RULES["C1"], rows["C1"], WORDS["C1"])
    assert "and (not in this run) below all within two bits" in text
    question, text = answer("C13", RULES["C13"], rows["C13"], None)
    assert question == RULES["C13"]["claim"]
    assert "within a quarter turn: **25.0 %**" in text
    with pytest.raises(AnswerError, match="the answer to C13 names 'C1a'"):
        answer("C13", RULES["C13"], rows["C13"], {"question": "?", "answer": ["{C1a}"]})
    with pytest.raises(AnswerError, match="C13 has no 'budget' in its cell; it has arc, quantity"):
        answer("C13", RULES["C13"], rows["C13"], {"question": "?", "answer": ["{C13.budget}"]})


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.0, "share of images", "100"),
        (0.99978, "share of images", "99.98"),
        (0.999999, "share of images", "99.9999"),
        (0.0, "share of images", "0"),
        (0.0004, "share of images", "0.04"),
        (-694.2, "log10 of a share", "10\\ :sup:`−694`"),
        (float("nan"), "degrees", "unknown"),
    ],
)
def test_no_number_is_rounded_to_all_or_nothing(value, unit, expected):
    assert in_unit(value, unit) == expected


def test_the_parts_that_are_the_claim_give_its_word():
    rows = [
        SimpleNamespace(part=part, verdict=verdict)
        for part, verdict in (("C1a", "supported"), ("C1b", "refuted"), ("C1c", "inconclusive"))
    ]
    assert headline(rows, {"decided_by": ["C1a"]}) == (
        "supported",
        "C1a supported; of 2 further parts 1 refuted, 1 inconclusive",
    )
    assert headline(rows, {"decided_by": ["C1a", "C1b"]}) == (
        "mixed",
        "C1a supported; C1b refuted; one further part inconclusive",
    )
    assert headline(rows, {"decided_by": ["C1a"], "by_definition": True})[0] == "true by definition"
    assert headline(rows, None)[0] == "mixed"
    assert overall(["not in this run", "refuted", "inconclusive"]) == "refuted"
    assert overall(["not in this run"]) == ""


def test_every_claim_says_which_parts_are_the_claim_itself():
    assert set(WORDS) == set(RULES)
    for claim, words in WORDS.items():
        assert words["decided_by"]
        assert set(words["decided_by"]) <= {part["id"] for part in RULES[claim]["parts"]}
