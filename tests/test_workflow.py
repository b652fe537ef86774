"""The whole workflow on the real MNIST with tests/config.yaml, and what a change makes it run again; then what it
refuses.
"""

import base64
import json
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import invalidation
import latex_checks
import pandas as pd
import pytest
import yaml
from running import ROOT, SMALL, checkout, jobs, snakemake, whole_run

import write_first_page
from weightspace.configuration.choices import load_configuration
from weightspace.plan import Plan
from weightspace.report.decisions import DECIDED, OUTSIDE, UNDECIDED, UNMEASURED
from weightspace.report.table_layouts import LAYOUTS, Layout


def test_tables_figures_and_report_are_there(finished):
    claims = pd.read_csv(finished / "results/tables/claims.csv")
    assert {f"C{number}" for number in range(1, 21)} == {part.rstrip("abcdefghijklmn") for part in claims.part}
    words = claims.set_index("part").adjusted_word
    assert {word.partition(":")[0] for word in words} <= {*DECIDED, UNDECIDED, UNMEASURED, OUTSIDE}
    assert words["C3c"] == "not decided: 2 seeds, 10 are asked for"
    assert words["C1d"] == "not in this run"  # a memory that the small run leaves out
    for name in ("fig1_hopfield_network", "fig5_energy_change", "paper_experiment"):
        assert (finished / f"results/figures/{name}.svg").stat().st_size > 5000
    report = (finished / "results/report.html").read_text(encoding="utf-8")
    assert "misclassified 0.7" in report
    assert "What was found" in report
    assert not list(finished.rglob(".*.partial*"))


def test_a_script_without_snakemake_writes_what_its_rule_wrote(finished, tmp_path):
    given = SimpleNamespace(
        claims=ROOT / "workflow/claims.yaml",
        answers=ROOT / "workflow/answers.yaml",
        tables=sorted((finished / "results/tables").glob("*.csv")),
    )
    settings = Plan(load_configuration(ROOT / "tests/config.yaml")).first_page_settings(classes=10)
    write_first_page.main(given, [tmp_path / "page.rst"], settings)
    assert (tmp_path / "page.rst").read_bytes() == (finished / "results/report/findings.rst").read_bytes()


def test_what_the_drawing_of_the_architecture_shows_is_made(finished):
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    drawing = re.search(r"```mermaid\n(.*?)```", page, flags=re.DOTALL).group(1)
    named = re.findall(r'^  \w+[\[(]+"([\w./]+)', drawing, flags=re.MULTILINE)
    assert len(named) > 10
    assert [path for path in named if not (finished / "results" / path).exists()] == []


def test_the_report_shows_every_figure_and_table_and_needs_nothing_from_elsewhere(finished, small_run):
    report = (finished / "results/report.html").read_text(encoding="utf-8")
    assert len(report) < 20e6
    shown = json.loads(re.search(r"var results = (\{.*?\});\n", report, flags=re.DOTALL).group(1))
    made = {
        kind: {path.stem for path in (finished / "results").glob(kind)} for kind in ("figures/*.svg", "tables/*.csv")
    }
    assert {Path(path).stem for path in shown if path.endswith(".svg")} == made["figures/*.svg"]
    assert {Path(path).stem for path in shown if path.startswith("results/report/tables/")} == made["tables/*.csv"]
    assert all(result["caption"] for result in shown.values())
    # Browsers show no page of more than 2 MB within another but as a blob.
    large = [path for path, result in shown.items() if path.endswith(".html") and len(result["data_uri"]) > 2_000_000]
    assert not large or "URL.createObjectURL" in report
    description = json.loads(re.search(r"var workflow_desc = (\".*?\");\n", report).group(1))
    texts = {"first page": description, **{path: result["caption"] for path, result in shown.items()}}
    assert [
        name for name, text in texts.items() if "system-message" in text
    ] == []  # what docutils could not make sense of
    pages = [
        base64.b64decode(result["data_uri"].partition("base64,")[2]).decode()
        for path, result in shown.items()
        if path.endswith(".html")
    ]
    loading = r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//|url\([\"']?https?:|@import"
    assert [page[:80] for page in [description, *pages] if re.search(loading, page)] == []
    assert str(whole_run() or small_run) not in "".join([report, *pages])  # no path of the machine
    assert 'download="config.yaml"' in description


def test_paper_experiment_has_its_rows(finished):
    table = pd.read_csv(finished / "results/tables/paper_experiment.csv")
    assert set(table.quantity) == {
        "adversarial",
        "clean",
        "difference",
        "lost_minus_noise",
        "nearest_neighbour_adversarial",
        "nearest_neighbour_clean",
        "network_binarised",
        "network_binarised_clean",
    }
    assert set(table.source) == {"test", "stored"}
    assert set(table.readout) == {"nearest", "exact"}
    assert set(table.memory) == {
        "hebbian_40",
        "pseudo_inverse_40",
        "iterative_40_margin_0",
        "iterative_40_margin_1",
        "dense_40_polynomial_20",
    }
    found = table.dropna(subset="estimate")
    assert ((found.low <= found.estimate) & (found.estimate <= found.high)).all()
    # The memory with a margin stores its images and finds them again.
    stored = table[(table.memory == "iterative_40_margin_1") & (table.source == "stored") & (table.quantity == "clean")]
    assert (stored.estimate == 0).all()


def test_paper_has_the_tables_and_figures_of_the_run(finished):
    paper = finished / "results/paper"
    text = (paper / "paper.tex").read_text(encoding="ascii")
    latex_checks.assert_well_formed(text)
    defined = latex_checks.commands((paper / "macros.tex").read_text(encoding="ascii"))
    claims = pd.read_csv(finished / "results/tables/claims.csv").set_index("part")
    assert latex_checks.value_of(defined["wsClaimOneA"])[0] == pytest.approx(claims.loc["C1a", "estimate"], abs=0.0005)
    assert defined["wsClaimOneDWord"] == "not in this run"
    assert defined["wsMisclassifiedForty"] == defined["wsClaimThreeA"]
    tables = sorted((finished / "results/tables").glob("*.csv"))
    assert [path.stem for path in tables] == sorted(path.stem for path in (paper / "tables").glob("*.tex"))
    for path in tables:
        table = (paper / f"tables/{path.stem}.tex").read_text(encoding="ascii")
        latex_checks.assert_well_formed(table)
        latex_checks.assert_intervals_are_of(pd.read_csv(path), table, LAYOUTS.get(path.stem, Layout()).estimate)
        assert f"\\input{{tables/{path.stem}}}" in text
    shown = re.findall(r"\\includegraphics\[width=\\columnwidth,.*?\]\{(\w+)\}", text)
    assert shown == [
        path.stem for path in sorted((paper / "figures").glob("*.pdf"), key=lambda path: shown.index(path.stem))
    ]
    assert {path.stem for path in (finished / "results/figures").glob("*.svg")} == set(shown)
    latex_checks.compile_if_possible(paper)


def test_nothing_is_left_to_do_and_a_touch_changes_nothing(finished):
    assert jobs(finished, *SMALL) == {}
    for path in (finished / "workflow/scripts").rglob("*.py"):
        path.touch()
    assert jobs(finished, *SMALL) == {}


def test_the_report_is_not_rewritten_by_partial_runs_and_by_runs_with_nothing_to_do(finished):
    report = finished / "results/report.html"
    before = report.stat().st_mtime_ns
    (finished / "results/tables/networks.md").unlink()
    assert snakemake(finished, "results/tables/networks.md", *SMALL).returncode == 0
    assert report.stat().st_mtime_ns == before
    undo = edited(finished / "workflow/report/tables/networks.rst", "The trained networks", "The networks")
    done = snakemake(finished, *SMALL)
    undo()
    assert "Report: results/report.html" in done.stderr
    assert re.search(r"^C3 +inconclusive +C3a [\d.]+; C3c ", done.stdout, flags=re.MULTILINE)
    assert report.stat().st_mtime_ns > before
    assert snakemake(finished, *SMALL).returncode == 0  # the caption is as it was
    last = report.stat().st_mtime_ns
    assert "Nothing to be done" in snakemake(finished, *SMALL).stderr
    assert report.stat().st_mtime_ns == last


def edited(path, old, new):
    """Replace text in a file; returns what undoes it."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return lambda: path.write_text(text, encoding="utf-8")


TRAINING = {"download_dataset", "binarise_images", "train_network", "train_memory"}


@pytest.mark.parametrize(
    ("file", "old", "new", "rerun", "kept"),
    [
        (
            "workflow/scripts/weightspace/memories/hopfield.py",
            "def energy(\n    weights",
            "# remark\ndef energy(\n    weights",
            set(),
            None,
        ),
        (
            "workflow/scripts/weightspace/memories/hopfield.py",
            '"""Energy ``E(s)',
            '"""The energy ``E(s)',
            set(),
            None,
        ),
        (
            "workflow/scripts/weightspace/memories/hopfield.py",
            "return -quadratic",
            "return 2 - quadratic",
            {
                "train_memory",
                "score_images",
                "count_minima",
                "map_energy_landscape",
                "tabulate_paper_experiment",
                "decide_claims",
            },
            {"train_network", "craft_adversarial", "trace_gradient_descent", "binarise_images"},
        ),
        (
            "config/catalogue.yaml",
            "learning_rate: 0.1",
            "learning_rate: 0.05",
            {"train_network", "craft_adversarial", "score_images", "trace_gradient_descent", "decide_claims"},
            {"train_memory", "count_minima", "map_energy_landscape", "binarise_images"},
        ),
        (
            "config/catalogue.yaml",
            "    hidden: [512]",
            "    hidden: [500]",
            set(),
            None,
        ),  # of a network that is not run
        (
            "workflow/claims.yaml",
            "margin: 0.05",
            "margin: 0.06",
            {"decide_claims", "write_first_page"},
            TRAINING | {"score_images", "tabulate_paper_experiment"},
        ),
        (
            "workflow/scripts/weightspace/figures/gradient_descent.py",
            "Which way",
            "What way",
            {"draw_energy"},
            TRAINING | {"draw_grey_attacks", "trace_gradient_descent"},
        ),
    ],
)
def test_a_change_reruns_what_depends_on_it(finished, file, old, new, rerun, kept):
    undo = edited(finished / file, old, new)
    try:
        planned = jobs(finished, *SMALL)
    finally:
        undo()
    assert rerun <= set(planned)
    if kept is None:
        assert planned == {}
    else:
        assert not kept & set(planned)


def test_sections_of_the_configuration_rerun_what_the_table_says(finished_copy):
    found, written = invalidation.by_section(finished_copy[0]), invalidation.read()["sections"]
    different = {
        name: (written.get(name), found.get(name)) for name in found | written if written.get(name) != found.get(name)
    }
    assert not different, "read the difference, then run: python tests/invalidation.py FOLDER"


def test_a_network_that_joins_trains_alone(finished):
    changed = {"networks": {"tanh_mlp_grey": {"epochs": 1}}, "run": {"networks": {"tanh_mlp_grey": True}}}
    (finished / "tests/joined.yaml").write_text(yaml.safe_dump(changed))
    planned = jobs(finished, *SMALL, "tests/joined.yaml")
    assert planned["train_network"] == 2  # the two seeds of the network that joined, none of the other's
    assert "train_memory" not in planned


def test_naming_config_yaml_again_runs_nothing_again(finished):
    assert jobs(finished, "--configfile", "config.yaml", *SMALL[1:]) == {}


BAD = [
    ({"networks": {"tanh_mlp": {"learning_rates": 0.1}}}, "networks.tanh_mlp.learning_rates is not a known key"),
    ({"networks": {"tanh_mlp": {"learning_rate": "fast"}}}, "networks.tanh_mlp.learning_rate is 'fast'"),
    ({"dataset": {"name": "mnits"}}, "did you mean 'mnist'"),
    ({"memories": {"hebbian_40": {"patterns": 60001}}}, "memories.hebbian_40.patterns is 60001"),
    ({"attacks": {"pgd": {"budgets": [-0.1]}}}, "attacks.pgd.budgets[0] is -0.1"),
    ({"dataset": {"directory": "nowhere"}}, "dataset.directory"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_configuration_is_one_sentence_before_any_job(tmp_path, change, message):
    folder = checkout(tmp_path)
    (folder / "mine.yaml").write_text(yaml.safe_dump(change))
    done = snakemake(folder, "--configfile", "mine.yaml")
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if line.startswith("Configuration refused")]
    assert len(said) == 1
    assert message in said[0]
    assert "Traceback" not in done.stderr
    assert [path.name for path in (folder / "results").iterdir()] == ["README.md"]


def test_a_key_given_twice_is_refused(tmp_path):
    folder = checkout(tmp_path)
    (folder / "mine.yaml").write_text("seeds: 2\nrecall: {sweeps: 5}\nseeds: 3\n")
    done = snakemake(folder, "-n", "--configfile", "mine.yaml")
    assert (
        "Configuration refused: seeds stands in mine.yaml twice, on lines 1 and 3; allowed: each key once"
        in done.stderr
    )


def test_a_truncated_file_is_named_in_the_log_and_leaves_nothing(tmp_path, mnist_raw):
    folder = checkout(tmp_path)
    data = folder / "data"
    shutil.copytree(mnist_raw, data)
    whole = (data / "t10k-images-idx3-ubyte").read_bytes()
    (data / "t10k-images-idx3-ubyte").write_bytes(whole[:-100])
    done = snakemake(folder, *SMALL, "--config", "dataset={directory: data}")
    assert done.returncode != 0
    log = (folder / "results/logs/download_dataset/mnist.log").read_text()
    assert "t10k-images-idx3-ubyte" in log
    assert not list((folder / "results").rglob("*-ubyte"))
    assert "results/logs/" in done.stderr


def test_no_source_reachable_lists_every_source(tmp_path):
    folder = checkout(tmp_path / "checkout")
    tools = tmp_path / "tools"  # a shell for Snakemake, `which` for its Slurm plugin, and no npm
    tools.mkdir()
    for name in ("bash", "sh", "which"):
        (tools / name).symlink_to(shutil.which(name))
    closed = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = snakemake(
        folder, "results/data/mnist/patterns.npz", *SMALL, environment={**closed, "PATH": str(tools), "no_proxy": ""}
    )
    assert done.returncode != 0
    log = (folder / "results/logs/download_dataset/mnist.log").read_text()
    assert "npm" in log
    assert "torchvision" in log
    assert "dataset.directory" in log
    assert not list((folder / "results").rglob("*-ubyte"))
