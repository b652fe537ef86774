"""Parts decided from their cells, and the shipped claims beside the shipped configuration."""

from types import SimpleNamespace

import pandas as pd
import pytest
import yaml
from shipped_claims import MEASURED, SHIPPED

import decide_claims
from weightspace.configuration.choices import load_configuration
from weightspace.plan import TABLES, Plan, deciding_tables
from weightspace.report import claims

CONFIG = load_configuration()


def test_primary_cells_name_what_the_shipped_configuration_runs():
    searched = {(comparison, *pair) for comparison, *pair in Plan(CONFIG).compared_pairs()}
    for part in MEASURED:
        where = part["where"]
        if part["table"] in ("flips", "flip_differences"):
            section = CONFIG["binary_attacks"]
            assert {where["model"], where.get("reference", where["model"])} <= set(section["run"]["models"])
            if part["table"] == "flip_differences":
                assert (where["comparison"], where["model"], where["reference"]) in searched
            assert where["attack"] in ("best", "transfer", "portfolio", *section["run"]["attacks"])
            assert where.get("budget", 0) in (0, *section["budgets"])
            continue
        if part["table"] == "grey_differences":
            assert (where["model"], where["reference"]) in Plan(CONFIG).grey_pairs()
            continue
        for column, kind in (("network", "networks"), ("memory", "memories"), ("attack", "attacks")):
            assert where.get(column, CONFIG["run"][kind][0]) in [
                *CONFIG["run"][kind],
                *CONFIG["adversarial"].get(kind, []),
            ]
        if "budget" in where:
            assert where["budget"] in CONFIG["attacks"][where["attack"]]["budgets"]


def test_claims_are_read_from_tables_that_the_workflow_makes():
    assert set(deciding_tables(SHIPPED)) <= set(TABLES)
    assert {"attack_strength", "networks"} <= set(deciding_tables(SHIPPED))  # of preconditions alone


def test_no_claim_is_about_one_dataset_alone():
    assert {part["where"]["dataset"] for part in MEASURED if "dataset" in part["where"]} == {"{dataset}"}


NUMBERS = ["estimate", "low", "high", "n", "seeds", "interval"]
ABOVE = {"kind": "share", "side": "above", "bar": 0.55}


@pytest.fixture
def table():
    rows = [("a", 0.7, 0.6, 0.8, 400, 10, "t"), ("b", 0.2, 0.1, 0.3, 400, 10, "t")]
    return pd.DataFrame(rows, columns=["memory", *NUMBERS])


def claim(where=None, **further):
    part = {"id": "C1", "statistic": "share", "unit": "share"}
    part |= {"table": "stability", "where": where, "decision": ABOVE} if where is not None else {}
    entry = {"section": "I", "claim": "It is so.", "decided_by": "share", "parts": [part | further]}
    return {"family": 1, "seeds": 3, "claims": {"C1": entry}}


def decide(rules, table, dataset="mnist"):
    (row,) = claims.decide(rules, {"stability": table}, dataset=dataset).itertuples()
    return row


def test_a_claim_is_decided_from_its_own_cell(table):
    assert decide(claim({"memory": "a"}), table).word == "supported"
    row = decide(claim({"memory": "b"}), table)
    assert (row.word, row.estimate, row.n, row.interval, row.rule) == ("refuted", 0.2, 400, "t", "interval above 0.55")


def test_what_decides_gets_its_word_from_the_adjusted_interval(table):
    rules = claim({"memory": "a"}, decides=True) | {"family": 21}
    row = decide(rules, table)
    assert (row.word, row.adjusted_word) == ("supported", "inconclusive")
    assert row.adjusted_low < row.low < row.high < row.adjusted_high
    further = decide(claim({"memory": "a"}) | {"family": 21}, table)
    assert (further.adjusted_word, further.adjusted_low) == ("supported", further.low)


def test_a_cell_of_the_runs_dataset_is_that_of_any_dataset(table):
    cell = claim({"dataset": "{dataset}"})
    tables = table.assign(dataset=["bars", "bars_4x4"])
    found = decide(cell, tables, "bars")
    assert (found.estimate, found.cell) == (0.7, "stability: dataset bars")
    assert decide(cell, tables).word == "not in this run"


def test_what_was_not_run_or_cannot_be_measured_yet_is_said_so(table):
    assert decide(claim({"memory": "c"}), table).word == "not in this run"
    assert decide(claim(waits_for="corruptions"), table).adjusted_word == "not yet measured"


def test_a_cell_that_is_not_one_row_is_refused(table):
    with pytest.raises(claims.ClaimError, match="2 rows of table stability"):
        decide(claim({"n": 400}), table)
    with pytest.raises(claims.ClaimError, match="no column 'memry'"):
        decide(claim({"memry": "a"}), table)


@pytest.mark.parametrize("column", NUMBERS)
def test_a_table_without_a_number_that_words_are_read_from_is_refused_in_one_sentence(table, column):
    with pytest.raises(claims.ClaimError, match=f"^claim C1: table stability has no column '{column}'; it has memory"):
        decide(claim({"memory": "a"}), table.drop(columns=column))


def test_the_script_decides_without_snakemake(table, tmp_path):
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(claim({"memory": "a"})), encoding="utf-8")
    table.to_csv(tmp_path / "stability.csv", index=False)
    given = SimpleNamespace(claims=tmp_path / "claims.yaml", tables=[tmp_path / "stability.csv"])
    decide_claims.main(given, [tmp_path / "decided.csv", tmp_path / "decided.md"], {"dataset": "mnist"})
    assert pd.read_csv(tmp_path / "decided.csv").adjusted_word.tolist() == ["supported"]
    assert "| supported |" in (tmp_path / "decided.md").read_text(encoding="utf-8")
