"""The bytes that the small run gives: digests of its tables and models, kept in tests/digests.yaml.

``python tests/digests.py [FOLDER]`` writes that file; FOLDER is a checkout in which the small run has ended, by default
this one. A change of numbers that was meant shows up in review as the tables and models that it moves.
"""

import re
import sys
from importlib.metadata import version
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow/scripts"))
from weightspace.agreement import Run

ROOT = Path(__file__).resolve().parents[1]
FILE = Path(__file__).with_suffix(".yaml")
HEADER = "# Written by `python tests/digests.py FOLDER` of a small run. Read the difference before committing it.\n"
# What numbers depend on, besides the code and the configuration.
PACKAGES = ("foolbox", "numba", "numpy", "pandas", "safetensors", "scipy", "torch", "torchvision")


def versions() -> dict[str, str]:
    """Versions of `PACKAGES` as installed; which build it is, as in 2.13.0+cpu, does not count."""
    return {name: re.sub(r"\+.*", "", version(name)) for name in PACKAGES}


def of_run(folder: Path) -> dict[str, str]:
    """The first 16 digits of the SHA-256 of each table (CSV) and model of a run."""
    found = Run(folder / "results").digests()
    kept = {
        name for name in found if name.endswith((".csv", ".safetensors")) and name.startswith(("tables/", "models/"))
    }
    return {name: found[name][:16] for name in sorted(kept)}


def main(folder: Path) -> None:
    """Write `FILE`."""
    if not (folder / "results/report.html").is_file():
        sys.exit(f"{folder} holds no finished run: results/report.html is missing")
    content = {"versions": versions(), "files": of_run(folder)}
    FILE.write_text(HEADER + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    print(f"{FILE.name}: {len(content['files'])} files")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]).resolve() if sys.argv[1:] else ROOT)
