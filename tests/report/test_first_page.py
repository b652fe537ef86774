"""The report's first page."""

import re
from types import SimpleNamespace

import pandas as pd
from running import ROOT
from shipped_claims import RULES, WORDS, decided

import write_first_page
from weightspace.configuration.choices import load_configuration
from weightspace.plan import Plan
from weightspace.report.first_page import first_page


def test_the_first_page_has_a_question_a_verdict_and_links_for_every_claim():
    claims = decided()
    shown = {"network": "a", "attack": "pgd", "budget": 0.3}
    settings = shown | {"seeds": 10, "dataset": "mnist", "figures": ["purification"]}
    columns = [*shown, "memory", "source", "readout", "quantity", "estimate", "low", "high", "few_probability"]
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


def test_the_script_without_snakemake_writes_the_page_of_the_run(finished, tmp_path):
    given = SimpleNamespace(
        claims=ROOT / "workflow/claims.yaml",
        answers=ROOT / "workflow/answers.yaml",
        tables=sorted((finished / "results/tables").glob("*.csv")),
    )
    settings = Plan(load_configuration(ROOT / "tests/config.yaml")).first_page_settings()
    write_first_page.main(given, [tmp_path / "page.rst"], settings)
    assert (tmp_path / "page.rst").read_bytes() == (finished / "results/report/findings.rst").read_bytes()
