"""The README's library example runs, and its numbers of versions do not drift from the environments."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent


def test_the_library_example_stores_its_patterns(capsys):
    example = re.search(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL
    ).group(1)
    exec(compile(example, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "certified=True" in said
    assert "[ 0  1  2  3" in said


def test_environments_have_the_versions_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = dict(requirement.split("==") for requirement in project["dependencies"])
    pinned |= {"pytorch": pinned["torch"], "matplotlib-base": pinned["matplotlib"]}  # conda's names
    for path in (ROOT / "envs").glob("*.yaml"):
        for dependency in yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]:
            name, version = dependency.split(" =")
            if name != "python":
                assert pinned[name] == version, f"{path.name}: {name}"
