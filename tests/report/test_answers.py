"""Answers composed from the table of claims."""

import re
from types import SimpleNamespace

import pytest
from shipped_claims import RULES, WAITING, WORDS, decided

from weightspace.place import ROOT
from weightspace.report.answers import AnswerError, answer, headline, in_unit


def test_every_claim_is_asked_and_every_part_of_it_told():
    assert set(WORDS) == set(RULES)
    for claim, words in WORDS.items():
        assert words["question"].endswith("?")
        named = set(re.findall(r"\{(C\d+[a-z]?)[.}]", " ".join(words["answer"])))
        assert named == {part["id"] for part in RULES[claim]["parts"]} - WAITING


def test_words_hold_for_images_of_any_kind():
    spoken = [part["statistic"] for rule in RULES.values() for part in rule["parts"]]
    spoken += [sentence for words in WORDS.values() for sentence in words["answer"]]
    spoken += [path.read_text(encoding="utf-8") for path in (ROOT / "workflow/report").rglob("*.rst")]
    of_mnist = re.compile(
        r"MNIST|\b784\b|28 [x×] 28|\b(of )?ten (classes|digits)|images of ten|shrunken digits|\d,000 images"
    )
    assert [found.group() for text in spoken if (found := of_mnist.search(text))] == []


def test_answers_hold_the_numbers_of_their_parts():
    claims = decided()
    rows = {claim: list(cells.itertuples()) for claim, cells in claims.groupby("claim")}
    _, text = answer("C2", RULES["C2"], rows["C2"], WORDS["C2"])
    assert "pgd changes pixels by at most 0.1 of full scale and misleads" in text
    assert "on **25.0 %** (20.0 to 30.0; n = 400, 10 seeds) of the test images" in text
    assert "**+25.0 points** (+20.0 to +30.0) more than random noise" in text  # n is not said again
    assert "{" not in text
    _, text = answer("C1", RULES["C1"], rows["C1"], WORDS["C1"])
    assert "(not in this run) lie below all neighbours within two bits" in text
    question, text = answer("C13", RULES["C13"], rows["C13"], None)
    assert question == RULES["C13"]["claim"]
    assert "within a quarter turn: **25.0 %**" in text
    with pytest.raises(AnswerError, match="the answer to C13 names 'C1a'"):
        answer("C13", RULES["C13"], rows["C13"], {"question": "?", "answer": ["{C1a}"]})
    with pytest.raises(AnswerError, match="C13a has no 'budget' in its cell; it has arc, quantity"):
        answer("C13", RULES["C13"], rows["C13"], {"question": "?", "answer": ["{C13a.budget}"]})


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


def rows_of(*words):
    """Parts C1a, C1b, ... of a claim, each (word, whether it decides, kind)."""
    return [
        SimpleNamespace(part=f"C1{letter}", decides=decides, kind=kind, adjusted_word=word)
        for letter, (word, decides, kind) in zip("abcdefg", words, strict=False)
    ]


def test_the_parts_that_are_the_claim_give_its_word():
    further = ("inconclusive", False, "share")
    rows = rows_of(("supported", True, "share"), ("refuted", False, "share"), further)
    assert headline(rows) == ("supported", "C1a supported; 2 further parts")
    rows = rows_of(("supported", True, "share"), ("negligible", True, "different"), further)
    assert headline(rows) == ("mixed", "C1a supported; C1b negligible; 1 further part")
    rows = rows_of(("reversed", True, "different"), ("reversed", True, "different"))
    assert headline(rows) == ("refuted (reversed)", "C1a and C1b reversed")


def test_a_precondition_that_is_not_met_is_said_beside_the_word():
    rows = rows_of(("not decided: the gain is 0.08", True, "different"))
    assert headline(rows) == ("not decided", "C1a not decided: the gain is 0.08")


def test_what_has_no_interval_is_told_without_one():
    claims = decided({"C2b": {"interval": "none", "low": -1.0, "high": 1.0, "seeds": 2}})
    _, text = answer("C2", RULES["C2"], list(claims[claims.claim == "C2"].itertuples()), WORDS["C2"])
    assert "That is **+25.0 points** (n = 400, 2 seeds) more" in text
    assert "−100" not in text


def test_what_is_explored_is_never_decided():
    rows = rows_of(("supported", True, "exploratory"), ("refuted", False, "share"))
    assert headline(rows) == ("exploratory", "C1a supported; 1 further part")


def test_a_definition_is_true_by_definition():
    assert headline(rows_of(("supported", True, "definition")))[0] == "true by definition"


def test_of_what_waits_it_is_said_that_it_is_not_measured():
    claims = decided()
    assert set(claims[claims.adjusted_word == "not yet measured"].part) == WAITING
