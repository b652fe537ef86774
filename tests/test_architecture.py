"""docs/architecture.md is true: its topics, scripts, rules, modules and files are there."""

import re

import pytest
from running import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
LIBRARY = ROOT / "workflow/scripts/weightspace"
RULES = ROOT / "workflow/rules"
DRAWING = re.search(r"```mermaid\n(.*?)```", PAGE, flags=re.DOTALL).group(1)
EVERYWHERE = {"figures", "configuration"}  # packages of no one topic


@pytest.fixture
def made(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import make_architecture

    return make_architecture


def test_the_table_of_topics_is_current(made):
    assert made.page(PAGE) == PAGE, "run: python docs/make_architecture.py"


def test_every_rule_file_is_a_topic_and_every_package_has_one(made):
    assert {path.stem for path in RULES.glob("*.smk")} == {*made.TOPICS, made.SHARED}
    packages = {package for _, named in made.TOPICS.values() for package in named}
    assert packages | EVERYWHERE == {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    assert {package for package in EVERYWHERE if f"`{package}/`" not in PAGE} == set()


def test_every_script_is_run_by_a_topics_rules(made):
    run = {script for topic in made.TOPICS for script in made.scripts_of(topic)}
    assert run == {path.stem for path in (ROOT / "workflow/scripts").glob("*.py")}


def test_arrows_of_the_drawing_are_rules():
    rules = "".join(path.read_text(encoding="utf-8") for path in RULES.glob("*.smk"))
    known = set(re.findall(r"^ *(?:use rule \w+ as|rule) (\w+)", rules, flags=re.MULTILINE))
    named = set(re.findall(r'-- "(\w+)', DRAWING))
    assert len(named) > 10
    assert named <= known


def test_modules_that_are_named_are_there_and_hold_what_is_said():
    modules = re.findall(r"`([\w*/]+\.py)`", PAGE)
    assert len(modules) > 8
    folders = (LIBRARY, LIBRARY.parent, ROOT)
    assert [name for name in modules if not any(list(folder.glob(name)) for folder in folders)] == []
    members = re.findall(r"`(?:\w+\.)?(architectures|plan|first_page|learning_rules|classifier)\.(\w+)`", PAGE)
    assert len(members) > 5
    for module, name in members:
        (path,) = LIBRARY.rglob(f"{module}.py")
        assert re.search(rf"^(class |def )?{name}\b", path.read_text(encoding="utf-8"), re.MULTILINE), name
