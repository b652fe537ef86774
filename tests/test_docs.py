"""The documentation is true: its examples run, and the pages on the configuration and on the tables are complete."""

import doctest
import importlib
import re
import subprocess
import sys
import tomllib

import jsonschema
import numpy as np
import pandas as pd
import pytest
import yaml
from running import ROOT, SMALL, jobs

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration, with_lists
from weightspace.configuration.reading import merged
from weightspace.configuration.schema import load_schema
from weightspace.memories import learning_rules

SCRIPTS = ROOT / "workflow/scripts"
DOCS = ROOT / "docs"
SHIPPED = load_configuration()


def blocks(page, language):
    """Code blocks of a language in a page of docs/, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL)


def named_block(page, name):
    """The one block that begins with its own file name, in a docstring or a comment."""
    (found,) = [
        text
        for language in ("python", "yaml")
        for text in blocks(page, language)
        if re.match(rf'("""|# ){re.escape(name)}\b', text)
    ]
    return found


def modules_with_examples():
    """Names of the library's modules whose docstrings hold examples."""
    paths = sorted(
        path
        for path in (SCRIPTS / "weightspace").rglob("*.py")
        if re.search(r"^ *>>> ", path.read_text(encoding="utf-8"), re.MULTILINE)
    )
    return [".".join(path.relative_to(SCRIPTS).with_suffix("").parts).removesuffix(".__init__") for path in paths]


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_of_docstrings(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_examples_are_there():
    assert {"weightspace", "weightspace.notebook", "weightspace.draws"} <= set(modules_with_examples())


def test_page_on_the_library(capsys):
    names = {}
    for block in blocks("library.md", "python"):
        assert len([line for line in block.splitlines() if line.strip()]) < 10
        exec(compile(block, "library.md", "exec"), names)
    said = capsys.readouterr().out
    assert "certified=True" in said
    assert "same form: True" in said
    assert (names["memory"].predict(names["attacked"]) != names["memory"].labels)[names["found"].flips > 0].all()
    assert (names["found"].flips > 0).mean() > 0.5
    rows = [line.split() for line in said.splitlines() if line.split()[1:2] == ["nearest"]]
    assert len(rows) == 3
    assert all(sum(map(int, row[3:7])) == 2**16 for row in rows)  # P_t, P_g, P_a and P_r


def test_the_package_offers_its_modules_and_the_functions_of_a_notebook():
    import weightspace

    assert weightspace.memories is sys.modules["weightspace.memories"]
    assert weightspace.train_memory is weightspace.notebook.train_memory
    assert {"memories", "figures", "train_memory", "count_partition"} <= set(dir(weightspace))
    with pytest.raises(AttributeError):
        weightspace.no_such_module  # noqa: B018


def test_page_on_the_configuration_is_current(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    import make_configuration

    assert make_configuration.PAGE.read_text(encoding="utf-8") == make_configuration.page(load_schema(), SHIPPED), (
        "run: python docs/make_configuration.py"
    )


# --- the tutorial
# ---------------------------------------------------------------------------------------


def entry_of(page, name):
    return yaml.safe_load(named_block(page, name))


def test_entries_of_the_tutorial_fit_the_shipped_configuration(tmp_path):
    (tmp_path / "my_network.py").write_text(named_block("tutorial.md", "my_network.py"), encoding="utf-8")
    check_config(with_lists(merged([SHIPPED, entry_of("tutorial.md", "my_network.yaml")])), tmp_path)


def test_what_is_added_is_ten_lines():
    for name in ("my_network.py", "my_network.yaml", "my_images.py", "my_images.yaml"):
        lines = [
            line
            for line in named_block("tutorial.md", name).splitlines()
            if line.strip() and not line.startswith(("#", '"""'))
        ]
        assert len(lines) <= 10, name


def test_a_network_of_the_tutorial(finished_copy):
    """Its tables have its rows, and a changed number in its file makes what depends on it run again."""
    folder, run = finished_copy
    for name in ("my_network.py", "my_network.yaml"):
        (folder / name).write_text(named_block("tutorial.md", name), encoding="utf-8")
    # Few models, so that few jobs are new; the tutorial's own lists are checked above.
    few = {
        "pattern_space": {"models": ["my_network"]},
        "binary_attacks": {"run": {"models": ["tanh_mlp", "my_network", "iterative_40_margin_1"]}},
    }
    (folder / "few.yaml").write_text(yaml.safe_dump(few), encoding="utf-8")
    configured = [*SMALL, "my_network.yaml", "few.yaml", "--"]
    tables = {
        "networks": "network",
        "attacks": "network",
        "flips": "model",
        "equioutput": "weights",
        "pattern_shares": "model",
    }
    done = run(*configured, *(f"results/tables/{name}.csv" for name in tables))
    assert done.returncode == 0, done.stderr[-3000:]
    found = {name: pd.read_csv(folder / f"results/tables/{name}.csv") for name in tables}
    for name, column in tables.items():
        assert "my_network" in set(found[name][column]), name
    networks = found["networks"].set_index(["network", "quantity"]).estimate
    assert networks["my_network", "test_error"] < 0.2
    copies = found["equioutput"].query(
        "weights == 'my_network' and quantity == 'output_deviation' and precision == 'float64'"
    )
    assert (copies.set_index("transformation").estimate[["interchanges", "scales"]] < 1e-9).all()
    text = (folder / "my_network.py").read_text(encoding="utf-8")
    assert jobs(folder, *configured, "results/tables/networks.csv") == {}
    (folder / "my_network.py").write_text("# a remark\n" + text, encoding="utf-8")
    assert jobs(folder, *configured, "results/tables/networks.csv") == {}
    (folder / "my_network.py").write_text(text.replace("0.1", "0.2"), encoding="utf-8")
    assert (
        jobs(folder, *configured, "results/tables/networks.csv")["train_network"] == 2
    )  # its two seeds, and no other network's


def test_images_of_the_tutorial(finished_copy):
    folder, run = finished_copy
    for name in ("my_images.py", "my_images.yaml"):
        (folder / name).write_text(named_block("tutorial.md", name), encoding="utf-8")
    small = yaml.safe_load((folder / "tests/config.yaml").read_text(encoding="utf-8"))
    small.pop("dataset", None)  # the images' folder, where the run was made by these tests
    (folder / "tests/config.yaml").write_text(yaml.safe_dump(small), encoding="utf-8")
    subprocess.run([sys.executable, "my_images.py"], cwd=folder, check=True)
    done = run(
        *SMALL,
        "my_images.yaml",
        "--",
        "results/tables/networks.csv",
        "results/tables/stability.csv",
        "results/tables/pattern_datasets.csv",
    )
    assert done.returncode == 0, done.stderr[-3000:]
    networks = pd.read_csv(folder / "results/tables/networks.csv").set_index(["network", "quantity"]).estimate
    assert networks["tanh_mlp", "test_error"] < 0.2
    assert "bars" in set(pd.read_csv(folder / "results/tables/pattern_datasets.csv").dataset)


# --- extending
# ---------------------------------------------------------------------------------------


def test_a_learning_rule_of_ones_own(tmp_path, mnist_patterns, monkeypatch):
    entry = yaml.safe_load(next(text for text in blocks("extending.md", "yaml") if "rule: function" in text))
    (tmp_path / "my_rule.py").write_text(named_block("extending.md", "my_rule.py"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    check_config(with_lists(merged([SHIPPED, entry])))
    chosen = np.flatnonzero(np.arange(60000) < 10)
    definition = entry["memories"]["my_memory"]
    trained = learning_rules.train(
        mnist_patterns.train(chosen), mnist_patterns.train_labels[chosen], chosen, definition, generator=None
    )
    plain = learning_rules.train(
        mnist_patterns.train(chosen), mnist_patterns.train_labels[chosen], chosen, {"rule": "hebbian"}, generator=None
    )
    assert trained.certificate.delta_minimum > plain.certificate.delta_minimum


def test_a_figure_of_ones_own(tmp_path, monkeypatch):
    (tmp_path / "my_figure.py").write_text(named_block("extending.md", "my_figure.py"), encoding="utf-8")
    (tmp_path / "results/tables").mkdir(parents=True)
    cell = {"network": "tanh_mlp", "attack": "pgd", "budget": 0.3, "source": "test", "readout": "nearest"}
    numbers = {"estimate": 0.5, "low": 0.4, "high": 0.6}
    rows = [
        cell | numbers | {"memory": "m", "quantity": quantity} for quantity in ("adversarial", "clean", "difference")
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "results/tables/paper_experiment.csv", index=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    use = next(text for text in blocks("extending.md", "python") if "import draw_my_figure" in text)
    exec(compile(use, "extending.md", "exec"), {})
    assert "share misclassified" in (tmp_path / "my_figure.svg").read_text(encoding="utf-8")


# --- the tables
# ---------------------------------------------------------------------------------------


def explained():
    """``(shared columns, {table: columns})`` of docs/reading_results.md."""
    text = (DOCS / "reading_results.md").read_text(encoding="utf-8")

    def first_cells(part):
        return set(
            re.findall(
                r"`([^`]+)`", " ".join(line.split("|")[1] for line in part.splitlines() if line.startswith("| `"))
            )
        )

    shared = first_cells(text.split("## Columns that many tables share")[1].split("\n## ")[0])
    return shared, {part.split("\n")[0]: first_cells(part.split("\n## ")[0]) for part in text.split("\n### ")[1:]}


def test_every_column_of_every_table_is_explained(finished):
    shared, tables = explained()
    made = {path.stem: set(pd.read_csv(path, nrows=0).columns) for path in (finished / "results/tables").glob("*.csv")}
    assert set(made) == set(tables)
    for name, columns in made.items():
        assert columns <= tables[name] | shared, name
        assert tables[name] <= columns, name


# --- what others read about the project
# ---------------------------------------------------------------------------------------


def test_the_workflow_catalogs_entry_and_its_snakefile():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    assert usage["software-stack-deployment"]["conda"] is True
    assert jobs(ROOT, "-s", "workflow/Snakefile", *SMALL) == jobs(ROOT, *SMALL)


def test_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert f"{project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


CITATION = {  # what the Citation File Format 1.2.0 requires of the keys that are used
    "type": "object",
    "additionalProperties": False,
    "required": ["cff-version", "message", "title", "authors"],
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": {"type": "string"},
        "title": {"type": "string"},
        "abstract": {"type": "string"},
        "keywords": {"type": "array", "items": {"type": "string"}},
        "type": {"enum": ["software", "dataset"]},
        "version": {"type": "string"},
        "license": {"type": "string"},
        "authors": {"type": "array", "minItems": 1, "items": {"type": "object"}},
        "references": {"type": "array", "items": {"type": "object", "required": ["type", "title", "authors"]}},
    },
}


def test_citation():
    jsonschema.validate(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")), CITATION)


PAGES = sorted(
    path.relative_to(ROOT).as_posix() for pattern in ("*.md", "docs/*.md", "config/*.md") for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("page", PAGES)
def test_files_that_the_pages_name_are_there(page):
    """Links, and paths of this repository in code marks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    here = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (here / link).exists(), link
    for path in re.findall(r"`((?:docs|workflow|tests|config|profiles|envs|benchmarks)/[\w./-]+\.\w+)`", text):
        assert (ROOT / path).exists() or "my_" in path, path


def is_key(name):
    """Whether a dotted name is one of the configuration, such as ``attacks.NAME`` or ``pattern_space.digits``."""
    section, *keys = name.split(".")
    found = SHIPPED.get(section)
    for key in keys:
        if not isinstance(found, dict) or (key not in found and key != "NAME"):
            return False
        found = found.get(key)
    return True


@pytest.mark.parametrize("page", PAGES)
def test_modules_that_the_pages_name_are_there(page):
    """In code marks: ``package.module`` and ``package.module.name``, with or without weightspace before them."""
    library = SCRIPTS / "weightspace"
    packages = "|".join(path.parent.name for path in library.glob("*/__init__.py"))
    text = (ROOT / page).read_text(encoding="utf-8")
    for name in re.findall(rf"`(?:weightspace\.)?((?:{packages})(?:\.\w+)+)", text):
        package, module, *members = name.split(".")
        path = library / package / f"{module}.py"
        assert path.exists() or is_key(name), name
        assert not members or not path.exists() or members[0] in path.read_text(encoding="utf-8"), name
