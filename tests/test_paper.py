"""What a run leaves for papers and readers: tables, numbers and a document as LaTeX, the contact sheet, and pages whose
surfaces turn in step.
"""

import base64
import doctest
import gzip
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from latex_checks import assert_intervals_are_of, assert_well_formed, commands, compile_if_possible, intervals, value_of
from matplotlib.figure import Figure
from PIL import Image
from running import ROOT
from test_figures import descent, landscape

from weightspace.figures import style
from weightspace.figures.overview import CELL, draw_overview
from weightspace.figures.turnable import IN_STEP, turnable_page
from weightspace.plan import TABLES
from weightspace.report import latex, manuscript
from weightspace.report.table_layouts import LAYOUTS

SETTINGS = {"network": "mlp", "attack": "pgd", "budget": 0.3, "memory": "iterative_40", "dataset": "mnist", "seeds": 3}


def claims():
    rows = [
        {
            "part": "C1a",
            "estimate": 0.98765,
            "low": 0.95,
            "high": 1.0,
            "n": 400.0,
            "seeds": 3.0,
            "verdict": "supported",
        },
        {
            "part": "C14n",
            "estimate": -0.052,
            "low": -0.07,
            "high": 1.36e-16,
            "n": 12.0,
            "seeds": 3.0,
            "verdict": "inconclusive",
        },
        {"part": "C2", "verdict": "not in this run"},
    ]
    return pd.DataFrame(
        [row | {"statistic": f"a share of {row['part']} in % & more", "rule": "interval above 0.99"} for row in rows]
    )


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


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(latex) == doctest.TestResults(failed=0, attempted=doctest.testmod(latex).attempted)
    assert doctest.testmod(latex).attempted >= 5


@given(st.text())
def test_any_text_becomes_latex_that_closes(text):
    assert_well_formed(latex.escape(text))
    assert_well_formed(latex.readable(text))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 4))
def test_a_number_shows_its_value_to_its_last_digit(value, digits):
    shown, half = value_of(latex.number(float(value), digits))
    assert abs(shown - value) <= half + 1e-9 * abs(value)
    assert "-0.0" not in latex.number(-1e-12, 2) or "times" in latex.number(-1e-12, 2)


def test_counts_are_spelled_each_in_its_own_letters():
    words = [latex.spelled(count) for count in range(1000)]
    assert len(set(words)) == 1000
    assert all(word.isalpha() for word in words)
    assert [latex.spelled(count) for count in (0, 14, 40, 105, 999)] == [
        "Zero",
        "Fourteen",
        "Forty",
        "OneHundredFive",
        "NineHundredNinetyNine",
    ]
    with pytest.raises(ValueError, match="1000 is not spelled"):
        latex.spelled(1000)


def test_commands_give_the_numbers_of_claims_and_of_the_experiment():
    found = commands(manuscript.macro_file(manuscript.macros(claims(), experiment(), SETTINGS)))
    assert found["wsMisclassifiedForty"] == "0.701"
    assert (found["wsMisclassifiedFortyLow"], found["wsMisclassifiedFortyHigh"], found["wsMisclassifiedFortyN"]) == (
        "0.681",
        "0.731",
        "40",
    )
    assert found["wsMisclassifiedFortyStoredNetworkBinarised"] == "0.100"
    assert (found["wsClaimOneA"], found["wsClaimOneAVerdict"], found["wsClaimOneAN"]) == ("0.988", "supported", "400")
    assert found["wsClaimFourteenN"] == "$-0.052$"
    assert found["wsClaimFourteenNHigh"] == r"$1.4\times10^{-16}$"
    assert (found["wsClaimTwo"], found["wsClaimTwoVerdict"]) == ("--", "not in this run")
    assert [found[f"ws{name}"] for name in ("Supported", "Refuted", "Inconclusive", "Open", "Seeds")] == [
        "1",
        "0",
        "1",
        "1",
        "3",
    ]


def test_shipped_claims_have_names_of_their_own():
    parts = [
        part["id"]
        for claim in yaml.safe_load((ROOT / "workflow/claims.yaml").read_text(encoding="utf-8"))["claims"].values()
        for part in claim["parts"]
    ]
    table = pd.DataFrame({"part": parts, "estimate": 0.5, "low": 0.4, "high": 0.6, "n": 1, "verdict": "supported"})
    found = commands(manuscript.macro_file(manuscript.macros(table, experiment(), SETTINGS)))
    assert sum(name.startswith("wsClaim") for name in found) == 5 * len(parts)


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


def test_the_contact_sheet_shows_every_picture_pixel_for_pixel(tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (height, CELL, 3), dtype=np.uint8) for height in (300, 200, 250, 100, 400)]
    paths = [tmp_path / f"fig{number}_a.png" for number in range(len(pictures))]
    for picture, path in zip(pictures, paths, strict=True):
        Image.fromarray(picture).save(path)
    for name in ("sheet", "again"):
        style.save(draw_overview(paths), tmp_path / f"{name}.png")
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB"))
    for picture in pictures:
        corner = picture[0, :8].tobytes()
        rows = [row for row in range(len(sheet) - len(picture)) if corner in sheet[row].tobytes()]
        column = sheet[rows[0]].tobytes().index(corner) // 3
        assert (sheet[rows[0] : rows[0] + len(picture), column : column + CELL] == picture).all()
    assert (tmp_path / "sheet.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def spheres():
    rng = np.random.default_rng(0)
    data = {"dimensions": np.array(12_000), "hidden": np.array(16), "patterns": np.array(200), "seeds": np.array(3)}
    for start in ("shared", "independent"):
        points = rng.normal(size=(9, 3))
        data[f"{start}_points"] = points / np.linalg.norm(points, axis=1, keepdims=True)
        data |= {
            f"{start}_group": np.repeat([0, 1, 2], 3),
            f"{start}_medoid": np.array([0, 3, 6]),
            f"{start}_radius": np.array([20.0, 30, 40]),
        }
        data[f"{start}_stress"] = np.array(0.1)
    return data


def test_the_page_of_landscapes_holds_all_it_needs():
    page = turnable_page(landscape(), descent(), spheres())
    assert page == turnable_page(landscape(), descent(), spheres())
    assert len(page.encode()) < 2_500_000
    assert not re.search(
        r"<script[^>]+src=|<link|@import|https?://(?!www\.w3\.org)", re.sub(r'id="library">.*?</script>', "", page)
    )
    library = re.search(r'id="library">(.*?)</script>', page).group(1)
    assert b"plotly.js v" in gzip.decompress(base64.b64decode(library))[:200]
    scenes = [
        json.loads(re.search(rf'^"{name}": (.*?),?$', page, flags=re.MULTILINE).group(1))["layout"]["scene"]
        for name in ("before", "after")
    ]
    named = [[note["text"] for note in scene.pop("annotations")] for scene in scenes]
    assert scenes[0] == scenes[1]
    assert [text.split(":")[0] for text in named[0]] == [text.split(":")[0] for text in named[1]]
    assert all(text.startswith(f"{name}, a ") for text, name in zip(named[0], ("x₀", "x₁", "x₂"), strict=True))


NODE = """
const places = {};
const place = (name) => ({ name, camera: 0, handlers: {}, on(event, handler) { this.handlers[event] = handler; },
  emit(event, camera) { this.camera = camera; return this.handlers[event]({ "scene.camera": camera }); } });
for (const name of ["before", "after"]) places[name] = place(name);
globalThis.document = { getElementById: (name) => places[name] };
let calls = 0;
globalThis.Plotly = { async relayout(place, change) {
  calls += 1;
  await new Promise((resolve) => setTimeout(resolve, 5));
  place.emit("plotly_relayout", change["scene.camera"]);
} };
SCRIPT
afterDrawing();
(async () => {
  for (let camera = 1; camera <= 50; camera += 1) places.before.emit("plotly_relayouting", camera);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const first = [places.before.camera, places.after.camera, calls];
  places.after.emit("plotly_relayout", 99);
  places.before.handlers.plotly_relayout({ "title.text": "no camera" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(JSON.stringify([first, [places.before.camera, places.after.camera, calls]]));
})();
"""


@pytest.mark.skipif(not shutil.which("node"), reason="needs node, which runs JavaScript outside of a browser")
def test_whoever_turns_one_landscape_turns_the_other_once():
    done = subprocess.run(["node", "-e", NODE.replace("SCRIPT", IN_STEP)], capture_output=True, text=True, check=True)
    # Of 50 turns in one go the other follows the first and the last; and it does not answer.
    assert json.loads(done.stdout) == [[50, 50, 2], [99, 99, 3]]
