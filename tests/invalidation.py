"""Which rules run again when a library module or a section of the configuration changes.

``python tests/invalidation.py [FOLDER]`` writes tests/invalidation.yaml; FOLDER is a checkout in which the small run
has ended, for the sections.

A rule runs again if its script uses the module, and if it reads what such a rule makes. The table is in the repository
so that an unwanted dependency shows up in review.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))
from running import ROOT, SMALL, jobs, scripted_rules, snakemake

from weightspace.reruns import SCRIPTS, project_files

TABLE = Path(__file__).with_name("invalidation.yaml")
HEADER = (
    "# Written by `python tests/invalidation.py`: what a change makes run again, in the small run. Read the difference"
    " before committing it.\n"
)


# One changed value per section of the configuration; the first value that depends on it shows what depends on the
# section.
CHANGES = {
    "seeds": 3,
    "device": "auto",
    "instruction_set": "native",
    "dataset": {"threshold": 0.4},
    "networks": {"tanh_mlp": {"learning_rate": 0.05}},
    "memories": {"iterative_40_margin_1": {"passes": 999}},
    "controls": {"nearest_neighbour_2000": {"patterns": 1000}},
    "attacks": {"pgd": {"steps": 11}},
    "ensembles": {"small_ensemble": {"members": ["dense_40_polynomial_20", "relu_mlp"]}},
    "recall": {"sweeps": 999},
    "capacity": {"probes": 99},
    "basins": {"starts": 3},
    "attractors": {"seeds": 3},
    "recall_dynamics": {"images": 49},
    "adversarial": {"test_images": 59},
    "binary_attacks": {"random_images": 19},
    "corruptions": {"images": 19},
    "paper_experiment": {"budget": 0.1},
    "energy_landscape": {"steps": 6},
    "gradient_descent_path": {"points": 10},
    "weight_space": {"volume": {"particles": 41}},
    "small_network": {"margin": 1},
    "symmetry": {"images": 11},
    "ordering": {"steps": 31},
    "pattern_space": {"draws": 51},
    "published": {"definitions": {"dichotomies": {"draws": 21}}},
}


def readers():
    """Rule name to the rules that read what it makes."""
    dot = snakemake(ROOT, "--rulegraph", "--forceall", *SMALL)
    assert dot.returncode == 0, dot.stderr[-2000:]
    names = dict(re.findall(r'^\s*(\d+)\[label ?= ?"(\w+)"', dot.stdout, flags=re.MULTILINE))
    edges = re.findall(r"^\s*(\d+) -> (\d+)", dot.stdout, flags=re.MULTILINE)
    return {name: {names[b] for a, b in edges if names[a] == name} for name in names.values()}


def by_module():
    """Library module to the sorted rules that run again when it changes."""
    after, scripts = readers(), {name: script for name, script, _, _ in scripted_rules()}
    uses = {
        name: {path.relative_to(SCRIPTS).as_posix() for path in project_files(script)}
        for name, script in scripts.items()
        if name in after
    }
    return {
        path.relative_to(SCRIPTS).as_posix(): sorted(
            _closure({name for name in uses if path.relative_to(SCRIPTS).as_posix() in uses[name]}, after)
        )
        for path in sorted((SCRIPTS / "weightspace").rglob("*.py"))
        if path.name != "__init__.py"
    }


def _closure(names, after):
    found, open_ends = set(), list(names)
    while open_ends:
        name = open_ends.pop()
        if name not in found and name != "all":
            found.add(name)
            open_ends += after[name]
    return found


def by_section(finished):
    """Section of the configuration to the rules of which a dry run in a folder where the small run has ended would run
    jobs.
    """
    found = {}
    for section, change in CHANGES.items():
        (finished / "changed.yaml").write_text(yaml.safe_dump({section: change}), encoding="utf-8")
        found[section] = sorted(jobs(finished, *SMALL, "changed.yaml"))
    return found


def read():
    return yaml.safe_load(TABLE.read_text(encoding="utf-8"))


def write(modules, sections):
    """Write the table; rules in one line per entry."""
    as_text = {"modules": modules, "sections": sections}
    lines = [HEADER]
    for kind, entries in as_text.items():
        lines.append(f"{kind}:\n")
        lines += [f"  {name}: [{', '.join(rules)}]\n" for name, rules in entries.items()]
    TABLE.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    write(by_module(), by_section(Path(sys.argv[1])) if len(sys.argv) > 1 else read()["sections"] or {})
    print(
        subprocess.run(
            ["git", "diff", "--stat", str(TABLE)], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    )
