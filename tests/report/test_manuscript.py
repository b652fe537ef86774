"""What a run leaves for papers: tables, numbers and a document as LaTeX."""

import re

import numpy as np
import pandas as pd
from latex_checks import assert_intervals_are_of, assert_well_formed, commands, compile_if_possible, intervals
from matplotlib.figure import Figure
from shipped_claims import PARTS, decided

from weightspace.figures import style
from weightspace.plan import TABLES
from weightspace.report import manuscript
from weightspace.report.table_layouts import LAYOUTS

SETTINGS = {"network": "mlp", "attack": "pgd", "budget": 0.3, "memory": "iterative_40", "dataset": "mnist", "seeds": 3}


def claims():
    numbers = {"estimate": 0.98765, "low": 0.95, "high": 1.0, "n": 400.0, "seeds": 3.0}
    small = {"estimate": -0.052, "low": -0.07, "high": 1.36e-16, "n": 12.0, "seeds": 3.0}
    rows = [
        {"part": "C1a", "claim": "C1", "kind": "universal", **numbers, "adjusted_word": "supported"},
        {"part": "C14n", "claim": "C14", "kind": "different", **small, "adjusted_word": "inconclusive"},
        {"part": "C4b", "claim": "C4", "kind": "different", **small, "adjusted_word": "not decided: 3 seeds"},
        {"part": "C2", "claim": "C2", "kind": "share", "adjusted_word": "not in this run"},
    ]
    further = {"rule": "interval above 0.99", "decides": True}
    return pd.DataFrame([row | {"statistic": f"a share of {row['part']} in % & more", **further} for row in rows])


def experiment():
    key = {"network": "mlp", "attack": "pgd", "budget": 0.3, "readout": "nearest", "patterns": 40}
    values = {"adversarial": 0.70123, "clean": 0.66, "network_binarised": 0.1}
    rows = [
        key
        | {
            "memory": memory,
            "source": source,
            "quantity": quantity,
            "estimate": value,
            "low": value - 0.02,
            "high": value + 0.03,
            "n": 40,
        }
        for memory in ("hebbian_40", "iterative_40")
        for source in ("test", "stored")
        for quantity, value in values.items()
    ]
    return pd.DataFrame(rows).assign(seeds=3)


def test_commands_give_the_numbers_of_claims_and_of_the_experiment():
    found = commands(manuscript.macro_file(manuscript.macros(claims(), experiment(), SETTINGS)))
    assert found["wsMisclassifiedForty"] == "0.701"
    assert (found["wsMisclassifiedFortyLow"], found["wsMisclassifiedFortyHigh"], found["wsMisclassifiedFortyN"]) == (
        "0.681",
        "0.731",
        "40",
    )
    assert found["wsMisclassifiedFortyStoredNetworkBinarised"] == "0.100"
    assert (found["wsClaimOneA"], found["wsClaimOneAWord"], found["wsClaimOneAN"]) == ("0.988", "supported", "400")
    assert found["wsClaimFourteenN"] == "$-0.052$"
    assert found["wsClaimFourteenNHigh"] == r"$1.4\times10^{-16}$"
    assert (found["wsClaimTwo"], found["wsClaimTwoWord"]) == ("--", "not in this run")
    assert found["wsClaimFourBWord"] == "not decided"
    counted = ("Supported", "Refuted", "Mixed", "Inconclusive", "Open", "Seeds")
    assert [found[f"ws{name}"] for name in counted] == ["1", "0", "0", "1", "2", "3"]


def test_shipped_claims_have_names_of_their_own():
    table = decided()
    found = commands(manuscript.macro_file(manuscript.macros(table, experiment(), SETTINGS)))
    assert sum(name.startswith("wsClaim") for name in found) == 5 * len(PARTS)


def test_layouts_are_of_tables_that_the_workflow_makes():
    assert set(LAYOUTS) <= set(TABLES)


def test_a_table_spreads_chooses_and_keeps_every_number():
    frame = experiment()
    text = manuscript.lay_out(frame, "paper_experiment", SETTINGS)
    assert_well_formed(text)
    assert_intervals_are_of(frame, text)
    assert len(intervals(text)) == len(frame)
    assert text.count("hebbian 40") == 1  # the second line of a memory does not repeat it
    assert "\\begin{tabular}{lllll}" in text
    # A condition that no row meets would leave nothing: it is left out.
    assert manuscript.lay_out(frame, "paper_experiment", SETTINGS | {"network": "other"}) == text


def test_rows_that_a_layout_does_not_tell_apart_get_lines_of_their_own():
    frame = pd.concat([experiment(), experiment().assign(order="random")]).fillna({"order": "sequential"})
    text = manuscript.lay_out(frame, "paper_experiment", SETTINGS)
    assert len(intervals(text)) == len(frame)
    assert "random" in text


def test_a_table_without_layout_is_set_whole_and_a_long_one_over_pages():
    frame = pd.DataFrame(
        {
            "model_1": [f"m_{number} & 50 %" for number in range(60)],
            "is_exact": True,
            "estimate": 0.5,
            "low": -np.inf,
            "high": np.nan,
            "n": 3,
        }
    )
    text = manuscript.lay_out(frame, "of_a_user", SETTINGS)
    assert_well_formed(text)
    assert "\\begin{longtable}" in text
    assert "\\wsci{0.500}{$-\\infty$}{--}" in text
    assert "m 7 \\& 50 \\%" in text
    without = manuscript.lay_out(frame.assign(interval="none"), "of_a_user", SETTINGS)
    assert "wsci" not in without
    assert "& 0.500" in without
    assert "\\begin{tabular}" in manuscript.lay_out(frame.head(45), "of_a_user", SETTINGS)


def test_the_document_is_whole_and_compiles_where_there_is_latex(tmp_path):
    frames = {
        "claims": claims(),
        "paper_experiment": experiment(),
        "of_a_user": pd.DataFrame({"a": range(60), "b": "ø ≈ ü_x"}),
    }
    tables = {name: manuscript.lay_out(frame, name, SETTINGS) for name, frame in frames.items()}
    found = manuscript.macros(claims(), experiment(), SETTINGS)
    captions = {"tables/claims": "**Which?** See *flips* and ``P_t``, 2^N \\ R – 50 %.\n", "figures/one": "A *figure*."}
    text = manuscript.document(tables, ["one"], captions, found, SETTINGS)
    assert_well_formed(text)
    (tmp_path / "tables").mkdir()
    for name, table in tables.items():
        (tmp_path / f"tables/{name}.tex").write_text(table)
    (tmp_path / "macros.tex").write_text(manuscript.macro_file(found))
    (tmp_path / "paper.tex").write_text(text)
    style.save(Figure(figsize=(2, 1)), tmp_path / "figures/one.pdf")
    assert set(re.findall(r"\\(ws[A-Z]\w*)", text)) <= set(found)
    assert set(re.findall(r"\\input\{tables/(\w+)\}", text)) - {"NAME"} == set(tables)
    assert re.findall(r"\\includegraphics\[width=\\columnwidth,.*?\]\{(\w+)\}", text) == ["one"]
    compile_if_possible(tmp_path)
