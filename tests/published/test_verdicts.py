"""The rule by which a published number agrees or differs, and the shipped entries."""

from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

import measure_published
import tabulate_published
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError
from weightspace.configuration.published import check_published, check_works
from weightspace.configuration.reading import EXPERIMENT
from weightspace.plan import PUBLISHED, PUBLISHED_IMAGES, Plan
from weightspace.published.quantities import as_rows
from weightspace.published.theory import counted
from weightspace.published.verdicts import compare, summarise, verdict
from weightspace.report.about_published import paragraph

SHIPPED = yaml.safe_load((EXPERIMENT.parent / "workflow" / "published.yaml").read_text(encoding="utf-8"))
ENTRIES = SHIPPED["entries"]
EXACT = {name: entry for name, entry in ENTRIES.items() if entry.get("measured", {}).get("work") == "counted"}


def test_the_shipped_entries_are_sound():
    check_published(SHIPPED)
    check_works(load_configuration())
    reproduced = [name for name, entry in ENTRIES.items() if "measured" in entry and "read" in entry]
    assert len(ENTRIES) >= 30
    assert len(reproduced) >= 15
    assert sum("unread" in entry for entry in ENTRIES.values()) <= 3


def test_every_exact_number_agrees_and_a_wrong_one_differs():
    measured = as_rows(counted({})).assign(published="counted")
    table = summarise(EXACT, measured).set_index("entry")
    assert set(table["verdict"]) == {"agrees", "unread"}
    for name, entry in EXACT.items():
        if "unread" not in entry:
            wrong = entry | {"theirs": entry["theirs"] * 1.05}  # planted
            assert summarise({name: wrong}, measured)["verdict"].tolist() == ["differs"], name


@pytest.mark.parametrize(
    ("theirs", "low", "high", "rounding", "tolerance", "expected"),
    [
        (0.05, 0.02, 0.04, 0.0, 0.0, "differs"),
        (0.05, 0.02, 0.05, 0.0, 0.0, "agrees"),
        (0.05, 0.02, 0.0495, 0.0005, 0.0, "agrees"),
        (0.05, 0.02, 0.0494, 0.0005, 0.0, "differs"),
        (0.05, 0.02, 0.04, 0.0, 0.01, "agrees"),
        (0.01, 0.02, 0.04, 0.005, 0.0, "differs"),
    ],
)
def test_the_rule(theirs, low, high, rounding, tolerance, expected):
    assert compare(theirs, low, high, rounding=rounding, tolerance=tolerance) == expected


def test_what_counts_nowhere():
    ours = {"low": 0.0, "high": 1.0}
    read = {"theirs": 0.5, "rounding": 0, "tolerance": 0, "read": {}, "measured": {}}
    unread = {key: value for key, value in read.items() if key != "read"} | {"unread": "why"}
    assert verdict(read, ours) == "agrees"
    assert verdict(read, None) == "not measured"
    assert verdict(unread, ours) == "unread"
    assert verdict({key: value for key, value in read.items() if key != "measured"}, None) == "context"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unread": "why"}, "gardner_0 is not clear; allowed: either of the keys read and unread"),
        ({"tolerance": None}, "gardner_0 is not whole; allowed: with measured the keys tolerance and why"),
        ({"measured": {"work": "magic", "quantity": "x"}}, "measured.work is 'magic'; allowed: counted"),
        ({"measured": None}, "gardner_0 is not whole; allowed: the key measured, or a note"),
        ({"theirs": "two"}, "theirs is 'two'; allowed: a number"),
    ],
)
def test_an_entry_that_is_not_whole_is_refused(change, message):
    entry = {key: value for key, value in (ENTRIES["gardner_0"] | change).items() if value is not None}
    with pytest.raises(ConfigError, match=message):
        check_published({"entries": {"gardner_0": entry}})


@pytest.mark.parametrize(
    ("definitions", "message"),
    [
        ({"magic": {}}, "published.definitions.magic is no work; allowed: counted"),
        ({"dichotomies": {"draws": 5}}, "allowed: the keys weights, draws"),
        ({"counted": {"draws": 5}}, "allowed: no keys"),
    ],
)
def test_a_definition_that_is_none_of_a_work_is_refused(definitions, message):
    config = load_configuration()
    config["published"]["definitions"] = config["published"]["definitions"] | definitions
    with pytest.raises(ConfigError, match=message):
        check_works(config)


def test_every_work_is_measured_by_the_script_and_gives_what_entries_name(tmp_path):
    works = {entry["measured"]["work"] for entry in ENTRIES.values() if "measured" in entry}
    assert set(PUBLISHED) == set(measure_published.WORKS)
    assert works <= {*PUBLISHED, *PUBLISHED_IMAGES}
    small = {
        "counted": {},
        "exclusive_or": {},
        "random_starts": {"memories": 50, "starts": 10},
        "hebbian_overlap": {"neurons": [40, 60], "probes": 4, "draws": 3},
        "stored_patterns": {"neurons": 40, "draws": 3},
        "dichotomies": {"weights": 3, "draws": 5},
    }
    paths = []
    for work, settings in small.items():
        paths.append(tmp_path / f"{work}.csv")
        measure_published.main([paths[-1]], settings, work)
    (tmp_path / "published.yaml").write_text(yaml.safe_dump(SHIPPED, sort_keys=False), encoding="utf-8")
    given = SimpleNamespace(published=tmp_path / "published.yaml", measured=paths)
    tabulate_published.main(given, [tmp_path / "table.csv", tmp_path / "table.md"])
    table = pd.read_csv(tmp_path / "table.csv")
    assert table["entry"].tolist() == list(ENTRIES)
    measured = table[table["estimate"].notna()]
    assert measured["n"].gt(0).all()
    others = {
        name for name, entry in ENTRIES.items() if entry.get("measured", {"work": "counted"})["work"] not in small
    }
    assert set(table.loc[table["verdict"] == "not measured", "entry"]) == others
    assert "79375496" in (tmp_path / "table.csv").read_text()
    text = paragraph(table)
    counted_words = table["verdict"].value_counts()
    assert f"{counted_words['agrees']} agree" in text
    assert f"{len(others)} are left to a larger run" in text


def test_numbers_of_mnist_are_measured_on_mnist_only():
    config = load_configuration()
    config["published"]["works"] = ["counted", "simple_classifiers"]
    assert Plan(config).published == ["results/published/counted.csv", "results/published/simple_classifiers.csv"]
    config["dataset"]["name"] = "kmnist"
    assert Plan(config).published == ["results/published/counted.csv"]
