"""How recall goes, per memory over seeds: sweeps, flips, energy by sweep, and what the order of updating changes."""

from pathlib import Path

import pandas as pd

from weightspace.files import read_columns
from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.retrieval.dynamics import summarise


def main(input, output):
    images = pd.concat([read_columns(path).assign(memory=Path(path).stem) for path in input], ignore_index=True)
    write_table(summarise(images), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
