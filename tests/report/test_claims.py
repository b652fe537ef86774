"""Verdicts by their rules, and the shipped claims against their schema and the shipped configuration."""

from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from running import ROOT

import decide_claims
from weightspace.configuration.checks import check_claims
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError
from weightspace.plan import Plan
from weightspace.report import claims

SHIPPED = yaml.safe_load((ROOT / "workflow/claims.yaml").read_text(encoding="utf-8"))
CONFIG = load_configuration()
ABOVE = {"kind": "above", "reference": 0.5, "margin": 0.05}
BELOW = {"kind": "below", "reference": 0.5, "margin": 0.05}
WITHIN = {"kind": "within", "low": 0.53, "high": 0.83}


@pytest.mark.parametrize(
    ("decision", "low", "high", "expected"),
    [
        (ABOVE, 0.56, 0.7, "supported"),
        (ABOVE, 0.3, 0.54, "refuted"),
        (ABOVE, 0.5, 0.6, "inconclusive"),
        (BELOW, 0.1, 0.44, "supported"),
        (BELOW, 0.46, 0.6, "refuted"),
        (BELOW, 0.4, 0.5, "inconclusive"),
        (WITHIN, 0.6, 0.7, "supported"),
        (WITHIN, 0.1, 0.5, "refuted"),
        (WITHIN, 0.9, 1.0, "refuted"),
        (WITHIN, 0.5, 0.6, "inconclusive"),
        (ABOVE, float("nan"), float("nan"), "inconclusive"),
    ],
)
def test_verdicts(decision, low, high, expected):
    assert claims.verdict(low, high, decision) == expected


def test_shipped_claims_are_the_seventeen_and_fit_their_schema():
    check_claims(SHIPPED)
    assert list(SHIPPED["claims"]) == [f"C{number}" for number in range(1, 18)]


def test_primary_cells_name_what_the_shipped_configuration_runs():
    for entry in SHIPPED["claims"].values():
        for part in entry["parts"]:
            where = part["where"]
            if part["table"] in ("flips", "flip_differences"):
                section = CONFIG["binary_attacks"]
                assert {where["model"], where.get("reference", where["model"])} <= set(section["run"]["models"])
                if part["table"] == "flip_differences":
                    assert (where["comparison"], where["model"], where["reference"]) in Plan(CONFIG).compared_pairs()
                assert where["attack"] in ("best", "transfer", *section["run"]["attacks"])
                assert where["budget"] in (0, *section["budgets"])
                continue
            for column, kind in (("network", "networks"), ("memory", "memories"), ("attack", "attacks")):
                assert where.get(column, CONFIG["run"][kind][0]) in [
                    *CONFIG["run"][kind],
                    *CONFIG["adversarial"].get(kind, []),
                ]
            if "budget" in where:
                assert where["budget"] in CONFIG["attacks"][where["attack"]]["budgets"]


@pytest.fixture
def table():
    rows = [("a", 0.7, 0.6, 0.8, 400, 10), ("b", 0.2, 0.1, 0.3, 400, 10)]
    return pd.DataFrame(rows, columns=["memory", "estimate", "low", "high", "n", "seeds"])


def claim(where, parts=True):
    part = {"id": "C1", "statistic": "share", "unit": "share", "table": "stability", "where": where, "decision": ABOVE}
    return {
        "claims": {
            "C1": {"section": "I", "claim": "It is so.", "decided_by": "share", "parts": [part] if parts else []}
        }
    }


def test_a_claim_is_decided_from_its_own_cell(table):
    assert claims.decide(claim({"memory": "a"}), {"stability": table}, dataset="mnist").verdict.tolist() == [
        "supported"
    ]
    row = claims.decide(claim({"memory": "b"}), {"stability": table}, dataset="mnist").iloc[0]
    assert (row.verdict, row.estimate, row.n, row.rule) == ("refuted", 0.2, 400, "interval above 0.55")


def test_a_cell_of_the_runs_dataset_is_that_of_any_dataset(table):
    cell = claim({"dataset": "{dataset}"})
    tables = {"stability": table.assign(dataset=["bars", "bars_4x4"])}
    found = claims.decide(cell, tables, dataset="bars")
    assert found.estimate.tolist() == [0.7]
    assert found.cell.tolist() == ["stability: dataset bars"]
    assert claims.decide(cell, tables, dataset="mnist").verdict.tolist() == ["not in this run"]


def test_no_claim_is_about_one_dataset_alone():
    named = [
        part["where"]["dataset"]
        for entry in SHIPPED["claims"].values()
        for part in entry["parts"]
        if "dataset" in part["where"]
    ]
    assert set(named) == {"{dataset}"}


def test_a_setting_of_the_run_that_a_cell_cannot_name_is_refused():
    with pytest.raises(ConfigError, match=r"claims.C1.parts\[0\].where.dataset is '{datset}'"):
        check_claims(claim({"dataset": "{datset}"}))


def test_what_was_not_run_or_has_no_rule_is_said_so(table):
    assert claims.decide(claim({"memory": "c"}), {"stability": table}, dataset="mnist").verdict.tolist() == [
        "not in this run"
    ]
    assert claims.decide(claim({}, parts=False), {}, dataset="mnist").verdict.tolist() == ["not yet measured"]


def test_a_cell_that_is_not_one_row_is_refused(table):
    with pytest.raises(claims.ClaimError, match="2 rows of table stability"):
        claims.decide(claim({"n": 400}), {"stability": table}, dataset="mnist")
    with pytest.raises(claims.ClaimError, match="no column 'memry'"):
        claims.decide(claim({"memry": "a"}), {"stability": table}, dataset="mnist")


def test_the_script_decides_without_snakemake(table, tmp_path):
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(claim({"memory": "a"})), encoding="utf-8")
    table.to_csv(tmp_path / "stability.csv", index=False)
    given = SimpleNamespace(claims=tmp_path / "claims.yaml", tables=[tmp_path / "stability.csv"])
    decide_claims.main(given, [tmp_path / "decided.csv", tmp_path / "decided.md"], {"dataset": "mnist"})
    assert pd.read_csv(tmp_path / "decided.csv").verdict.tolist() == ["supported"]
    assert "| supported |" in (tmp_path / "decided.md").read_text(encoding="utf-8")
