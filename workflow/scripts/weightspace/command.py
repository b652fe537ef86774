"""The command ``weightspace``, which comes with the package: runs the workflow in any folder, without a clone.

    weightspace run                             everything, into ./results
    weightspace run --cores 4 --configfile mine.yaml
    weightspace where                           the folder of what is shipped: config.yaml, config/, profiles/

After ``run`` come arguments of Snakemake.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from weightspace.place import ROOT


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the workflow in the working directory, or say where it lies."""
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("weightspace", description=__doc__, formatter_class=as_written, allow_abbrev=False)
    parser.add_argument("what", choices=["run", "where"])
    parser.add_argument("--cores", "-c", default="all", help="how many processors to use (default: all)")
    given, of_snakemake = parser.parse_known_args(arguments)
    if given.what == "where":
        print(ROOT)
    else:
        run(given.cores, of_snakemake)


def run(cores: str, arguments: Sequence[str]) -> None:
    """Become the process of a run, one at a time in a folder, as by ``make run``; never returns."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    if not shutil.which("snakemake", path=beside):
        sys.exit("weightspace run needs Snakemake, which is not installed: pip install 'weightspace[workflow]'")
    workflow = ["--snakefile", str(ROOT / "Snakefile")]
    os.execvpe(
        "sh", ["sh", str(ROOT / "workflow/run.sh"), cores, *workflow, *arguments], {**os.environ, "PATH": beside}
    )


if __name__ == "__main__":
    main()
