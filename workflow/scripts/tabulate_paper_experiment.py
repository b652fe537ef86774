"""The paper's experiment over all memories and seeds: a table of estimates, and one of the counts per seed."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.robustness.paper_experiment import summarise


def main(input, output, settings):
    counts = pd.concat([pd.read_csv(path) for path in input], ignore_index=True)
    memories = pd.DataFrame.from_dict(settings["memories"], orient="index").reindex(
        columns=["rule", "patterns", "margin"]
    )
    table = summarise(counts).join(memories, on="memory")
    write_table(table, *output.table)
    write_table(counts, *output.seeds)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
