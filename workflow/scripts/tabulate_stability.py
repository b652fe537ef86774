"""Share of stored patterns that are local minima, per memory, over seeds."""

from pathlib import Path

import pandas as pd

from weightspace.logs import start_log
from weightspace.memories.stability import summarise
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    counts = pd.concat([pd.read_csv(path).assign(memory=Path(path).stem) for path in snakemake.input], ignore_index=True)
    write_table(summarise(counts, snakemake.params.settings["memories"]), *snakemake.output)
