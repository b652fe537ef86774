"""The command ``weightspace``, which comes with the package: runs the workflow in any folder, without a clone.

    weightspace run                             everything, into ./results
    weightspace run --cores 4 --configfile mine.yaml
    weightspace compare results.zip             is ./results the same as a release, or as another folder?
    weightspace where                           the folder of what is shipped: config.yaml, config/, profiles/

After ``run`` come arguments of Snakemake.
"""

import argparse
import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from weightspace.place import ROOT


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the workflow in the working directory, compare its results, or say where it lies."""
    parser = argparse.ArgumentParser("weightspace", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    of_run = commands.add_parser("run", help="run the workflow here; arguments are Snakemake's", allow_abbrev=False)
    of_run.add_argument("--cores", "-c", default="all", help="how many processors to use (default: all)")
    of_compare = commands.add_parser("compare", help="compare two runs, file by file")
    of_compare.add_argument("theirs", help="a results.zip or a folder of results")
    of_compare.add_argument("ours", nargs="?", default="results", help="the same (default: results)")
    commands.add_parser("where", help="print the folder of what is shipped")
    given, others = parser.parse_known_args(arguments)
    if others and given.what != "run":
        parser.error(f"{others[0]} is not an argument of {given.what}")
    match given.what:
        case "run":
            run(given.cores, others)
        case "compare":
            sys.exit(compare(given.ours, given.theirs))
        case _:
            print(ROOT)


def run(cores: str, arguments: Sequence[str]) -> None:
    """Become the process of a run, one at a time in a folder, as by ``make run``; never returns."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if not shutil.which("snakemake", path=beside):
        sys.exit("weightspace run needs Snakemake, which is not installed: pip install 'weightspace[workflow]'")
    workflow = ["--snakefile", str(ROOT / "Snakefile")]
    os.execvpe(
        "sh", ["sh", str(ROOT / "workflow/run.sh"), cores, *workflow, *arguments], {**os.environ, "PATH": beside}
    )


def compare(ours: str, theirs: str) -> int:
    """Print where two runs differ, and how many files are the same; 0 if all are and there are any, else 1."""
    from weightspace.agreement import Run, agreeing, differences

    try:
        runs = Run(ours), Run(theirs)
    except (OSError, zipfile.BadZipFile) as error:
        sys.exit(f"cannot compare {ours} with {theirs}: {error}")
    apart, same = differences(*runs), agreeing(*runs)
    print(*apart, sep="\n", end="\n" if apart else "")
    counts = ", ".join(f"{number} {kind}" for kind, number in same.items())
    print(f"the same: {counts or 'no file'}; different: {len(apart)}")
    return int(bool(apart) or not same)


if __name__ == "__main__":
    main()
