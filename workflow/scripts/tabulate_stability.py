"""Share of stored patterns that are local minima, per memory, over seeds."""

from pathlib import Path

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.retrieval.stability import summarise


def main(input, output, settings):
    counts = pd.concat([pd.read_csv(path).assign(memory=Path(path).stem) for path in input], ignore_index=True)
    write_table(summarise(counts, settings["memories"]), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
