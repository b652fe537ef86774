"""Where recall ends by distance from a stored pattern, over seeds."""

from pathlib import Path

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.retrieval.basins import summarise


def main(input, output):
    counts = pd.concat([pd.read_csv(path).assign(memory=Path(path).stem) for path in input], ignore_index=True)
    write_table(summarise(counts), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
