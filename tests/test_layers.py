"""The packages of the library lie in layers: each imports only those below it, so that none has to be read to
understand one further down.
"""

import ast
from pathlib import Path

import pytest
from raw_data import run_python

LIBRARY = Path(__file__).parents[1] / "workflow/scripts/weightspace"
# What each package may import besides the modules at the top, which are files, seeds, intervals, logs and the like.
BELOW = {
    "configuration": {"data"},
    "data": set(),
    "networks": {"data"},
    "memories": {"data", "networks"},
    "attacks": {"data", "networks", "memories"},
    "retrieval": {"data", "memories"},
    "robustness": {"data", "networks", "memories", "attacks"},
    "symmetry": {"data", "networks", "memories"},
    "pattern_space": {"data", "networks", "memories", "retrieval"},
    "weight_space": {"data", "networks", "memories", "retrieval", "symmetry"},
    "report": {"robustness"},
    "published": {"data", "networks", "memories", "attacks", "retrieval", "symmetry", "weight_space"},
    "figures": {"data", "attacks", "robustness", "symmetry", "pattern_space", "weight_space", "report"},
}
# Modules at the top that know every kind of model or file; only they look down into the packages.
FRONT = {"loading", "notebook", "plan"}


def imported(path):
    """Dotted names below weightspace that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "weightspace":
            yield from ((node.module.removeprefix("weightspace").lstrip(".") or alias.name) for alias in node.names)


def packages_of(path):
    return {name.split(".")[0] for name in imported(path) if (LIBRARY / name.split(".")[0]).is_dir()}


def test_every_package_has_its_layer():
    assert {path.parent.name for path in LIBRARY.glob("*/__init__.py")} == set(BELOW)


@pytest.mark.parametrize("package", BELOW)
def test_a_package_imports_what_lies_below_it(package):
    found = {path.name: packages_of(path) - {package} for path in (LIBRARY / package).glob("*.py")}
    assert {name: above for name, names in found.items() if (above := names - BELOW[package])} == {}


def test_modules_at_the_top_import_no_package():
    assert {path.stem for path in LIBRARY.glob("*.py") if packages_of(path)} == FRONT


def test_training_imports_no_loading():
    # Else a change in one kind of model would train all others again.
    for package in ("networks", "memories"):
        assert not [path.name for path in (LIBRARY / package).glob("*.py") if "loading" in set(imported(path))]


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        (["raw_files", "patterns"], ["torch", "torchvision", "pandas", "numba", "scipy"]),
        (["datasets"], ["numpy", "torch", "torchvision", "pandas"]),
        (["download"], ["torch", "torchvision", "pandas"]),
    ],
)
def test_modules_import_only_what_they_need(modules, heavy):
    assert (
        run_python(
            f"import sys; from weightspace.data import {', '.join(modules)}; print(*[name for name in {heavy} if name"
            " in sys.modules])"
        )
        == []
    )


def test_the_check_of_the_configuration_needs_no_numpy():
    run_python(
        "import sys; sys.modules['numpy'] = None; import weightspace.configuration.checks, weightspace.reruns,"
        " weightspace.report.performance"
    )
