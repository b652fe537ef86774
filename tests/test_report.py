"""The words and pages of the report: answers composed from the table of claims, and tables as pages."""

import base64
import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from weightspace.report.answers import AnswerError, answer, headline, in_unit, overall
from weightspace.report.claims import decide
from weightspace.report.first_page import first_page
from weightspace.report.tables import table_page

ROOT = Path(__file__).parent.parent
RULES = yaml.safe_load((ROOT / "workflow/claims.yaml").read_text(encoding="utf-8"))["claims"]
WORDS = yaml.safe_load((ROOT / "workflow/answers.yaml").read_text(encoding="utf-8"))
TEMPLATE = (ROOT / "workflow/report/table.html").read_text(encoding="utf-8")


@pytest.fixture
def claims():
    """The table of claims of a run in which every part came out as 0.25, but C1b, which is left out."""
    tables = {}
    for part in (part for entry in RULES.values() for part in entry["parts"] if part["id"] != "C1b"):
        cell = {column: "mnist" if value == "{dataset}" else value for column, value in part["where"].items()}
        row = {**cell, "estimate": 0.25, "low": 0.2, "high": 0.3, "n": 400, "seeds": 10}
        tables.setdefault(part["table"], []).append(row)
    return decide({"claims": RULES}, {name: pd.DataFrame(rows) for name, rows in tables.items()}, dataset="mnist")


def test_every_claim_is_asked_and_every_part_of_it_told():
    assert set(WORDS) == set(RULES)
    for claim, words in WORDS.items():
        assert words["question"].endswith("?")
        named = set(re.findall(r"\{(C\d+[a-z]?)[.}]", " ".join(words["answer"])))
        assert named == {part["id"] for part in RULES[claim]["parts"]}


def test_answers_hold_the_numbers_of_their_parts(claims):
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


def test_the_first_page_has_a_question_a_verdict_and_links_for_every_claim(claims):
    columns = [
        "network",
        "attack",
        "budget",
        "memory",
        "source",
        "readout",
        "quantity",
        "estimate",
        "low",
        "high",
        "few_probability",
    ]
    settings = {
        "network": "a",
        "attack": "pgd",
        "budget": 0.3,
        "seeds": 10,
        "dataset": "mnist",
        "figures": ["purification"],
    }
    page = first_page(claims, pd.DataFrame(columns=columns), settings, rules=RULES, words=WORDS, digest="abc")
    for claim, words in WORDS.items():
        assert f"\n{claim}. {words['question']}\n   :" in page
    assert set(re.findall(r"<(\w+)\.html_>`__", page)) == {
        part["table"] for entry in RULES.values() for part in entry["parts"]
    }
    assert set(re.findall(r"<(\w+)\.svg_>`__", page)) == {"purification"}
    assert "Not measured in this run: C1b." in page
    for row in claims[claims.verdict == "inconclusive"].itertuples():
        assert f"- {row.part}, {row.statistic}" in page


def held(page):
    """The table that a page holds."""
    packed = re.search(r'<script type="text/plain" id="packed">(.*?)</script>', page).group(1)
    return gzip.decompress(base64.b64decode(packed)).decode()


def test_a_table_page_holds_its_rows_to_the_letter_and_nothing_from_elsewhere():
    csv = 'name,estimate\n"a, ""b""</script>é",0.5\n'
    page = table_page("flips", csv, TEMPLATE)
    assert held(page) == csv
    assert page == table_page("flips", csv, TEMPLATE)
    assert "{{" not in page
    assert "<title>flips</title>" in page
    assert not re.search(r"https?://|src=|@import", page)


def test_a_page_too_long_for_a_browser_holds_whole_rows_and_says_so():
    csv = "a\n" + "".join(f"{number**3}\n" for number in range(1000))
    page = table_page("long", csv, TEMPLATE, largest=2000)
    assert csv.startswith(held(page))
    assert held(page).count("\n") == 251
    assert "the first 250 rows of 1,000. All are in results/tables/long.csv" in page
