"""Which rules run again when a library module or a section of the configuration changes; run as a script, it writes tests/invalidation.yaml.

A rule runs again if its script uses the module, and if it reads what such a rule makes. The table is in the repository so that an unwanted dependency
shows up in review.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml
from running import ROOT, SMALL, jobs, snakemake

sys.path.insert(0, str(ROOT / "workflow/scripts"))
from weightspace.code_version import SCRIPTS, project_files

TABLE = Path(__file__).with_name("invalidation.yaml")
HEADER = "# Written by `python tests/invalidation.py`: what a change makes run again, in the small run. Read the difference before committing it.\n"


def scripts_of_rules():
    """Rule name to the name of its script."""
    found = {}
    for path in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for body in re.split(r"^(?:rule|checkpoint) ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            script = re.search(r'"\.\./scripts/(\w+\.py)"', body)
            if script:
                found[body.split(":")[0]] = script.group(1)
    return found


def readers():
    """Rule name to the rules that read what it makes."""
    dot = snakemake(ROOT, "--rulegraph", "--forceall", *SMALL)
    assert dot.returncode == 0, dot.stderr[-2000:]
    names = dict(re.findall(r'^\s*(\d+)\[label ?= ?"(\w+)"', dot.stdout, flags=re.MULTILINE))
    edges = re.findall(r"^\s*(\d+) -> (\d+)", dot.stdout, flags=re.MULTILINE)
    return {name: {names[b] for a, b in edges if names[a] == name} for name in names.values()}


def by_module():
    """Library module to the sorted rules that run again when it changes."""
    after, scripts = readers(), scripts_of_rules()
    uses = {name: {path.relative_to(SCRIPTS).as_posix() for path in project_files(script)} for name, script in scripts.items() if name in after}
    return {
        path.relative_to(SCRIPTS).as_posix(): sorted(_closure({name for name in uses if path.relative_to(SCRIPTS).as_posix() in uses[name]}, after))
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


def by_section(finished, changes):
    """Section of the configuration to the rules of which a dry run in a finished folder would run jobs; ``changes``: section to a changed value."""
    found = {}
    for section, change in changes.items():
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
    write(by_module(), read()["sections"] if TABLE.exists() else {})
    print(subprocess.run(["git", "diff", "--stat", str(TABLE)], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
