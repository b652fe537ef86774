"""The paper's experiment over all memories and seeds: a table of estimates, and one of the counts per seed."""

import pandas as pd

from weightspace.attacks.paper_experiment import summarise
from weightspace.logs import start_log
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings
    counts = pd.concat([pd.read_csv(path) for path in snakemake.input], ignore_index=True)
    memories = pd.DataFrame.from_dict(settings["memories"], orient="index").reindex(columns=["rule", "patterns", "margin"])
    table = summarise(counts).join(memories, on="memory")
    write_table(table, *snakemake.output.table)
    write_table(counts, *snakemake.output.seeds)
