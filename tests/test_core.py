"""The library with nothing but what its core needs: neither PyTorch nor what draws figures or runs the workflow; and
the versions that are named in more than one place.
"""

import ast
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from raw_data import run_python

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "workflow/scripts"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
NAMES_IN_PYTHON = {"pyyaml": "yaml"}
# What numba and matplotlib cannot do without.
BROUGHT = {"llvmlite", "mpl_toolkits", "PIL"}
NAMES_IN_CONDA = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def requirements(*groups):
    found = (Requirement(line) for group in groups for line in group)
    return {each.name: each for each in found if each.name != PROJECT["name"]}


def modules(*groups):
    return {NAMES_IN_PYTHON.get(name, name) for name in requirements(*groups)}


BEYOND = modules(EXTRAS["torch"], EXTRAS["plots"], EXTRAS["workflow"])
# Python in which nothing beyond the core can be imported.
CORE_ALONE = f"""
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BEYOND}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
"""


def test_memories_are_trained_attacked_saved_and_counted_with_the_core_alone(tmp_path):
    use = f"""
import numpy as np
import weightspace as ws

patterns = np.sign(np.random.default_rng(0).normal(size=(20, 200))).astype(np.int8)
for rule in ('hebbian', 'pseudo_inverse', 'dense'):
    ws.train_memory(patterns, rule=rule).predict(patterns)
memory = ws.train_memory(patterns, margin=0.5)
assert memory.certify(margin=0.5).certified
for method in ("single_flips", "score_search", "label_search"):
    assert len(ws.attack(memory, patterns, memory.labels, method=method).flips) == 20
memory.save({str(tmp_path / "memory.safetensors")!r})
assert (ws.load({str(tmp_path / "memory.safetensors")!r}).predict(patterns) == memory.labels).all()
images = patterns[:6, :12]
counts = ws.count_partition(ws.train_memory(images[:3], margin=0), images, [0, 1, 2, 0, 1, 2])
assert (counts[["P_t", "P_g", "P_a", "P_r"]].sum(axis=1) == 2**12).all()
try:
    ws.attack(memory, patterns, memory.labels)
except ModuleNotFoundError as error:
    print(error)
"""
    assert " ".join(run_python(CORE_ALONE + use)) == (
        "gradient_flips needs gradients, and torch is not installed: pip install 'weightspace[torch]', or attack by"
        " scores or labels"
    )


def test_what_measures_memories_and_copies_needs_the_core_alone():
    load = """
from importlib import import_module
from pkgutil import iter_modules

for package in ("data", "retrieval"):
    for module in iter_modules(import_module(f"weightspace.{package}").__path__):
        import_module(f"weightspace.{package}.{module.name}")
from weightspace.symmetry import alignment, canonical, equioutput_group, hopfield_symmetry
"""
    run_python(CORE_ALONE + load)


def test_nothing_is_imported_that_pyproject_does_not_name():
    named = BEYOND | modules(PROJECT["dependencies"])
    found = {}
    for path in SCRIPTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0]: path.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found[node.module.partition(".")[0]] = path.name
    others = found.keys() - sys.stdlib_module_names - named - BROUGHT - {PROJECT["name"]}
    assert {name: found[name] for name in others} == {}
    # Snakemake and its highlighter are started, and not imported.
    assert named - found.keys() == {"snakemake", "pygments"}


def pinned():
    """Versions of what is asked for; those of what this brings with it stand below in the file."""
    asked, _ = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("# What these bring with them")
    return dict(line.split("==") for line in asked.splitlines() if not line.startswith("#"))


def test_constraints_name_each_requirement_once_and_lie_within_its_range():
    asked = requirements(PROJECT["dependencies"], *EXTRAS.values())
    assert sorted(pinned(), key=str.lower) == sorted(asked, key=str.lower)
    assert [name for name, version in pinned().items() if version not in asked[name].specifier] == []


def test_environments_have_the_versions_of_the_constraints():
    for path in sorted((ROOT / "envs").glob("*.yaml")):
        for dependency in yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]:
            name, version = dependency.split(" =")
            if name != "python":
                assert pinned()[NAMES_IN_CONDA.get(name, name)] == version, f"{path.name}: {name}"
