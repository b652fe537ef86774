"""Where recall ends by distance from a stored pattern, over seeds."""

from pathlib import Path

import pandas as pd

from weightspace.logs import start_log
from weightspace.memories.basins import summarise
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    counts = pd.concat([pd.read_csv(path).assign(memory=Path(path).stem) for path in snakemake.input], ignore_index=True)
    write_table(summarise(counts), *snakemake.output)
