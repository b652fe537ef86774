"""Capacity of each rule with what the literature gives, and the shares by load behind it, over seeds."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.memories.capacity_tables import summarise_capacity, summarise_shares
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    counts = pd.concat([pd.read_csv(path) for path in snakemake.input], ignore_index=True)
    write_table(summarise_capacity(counts, snakemake.params.settings["rules"]), *snakemake.output.capacity)
    write_table(summarise_shares(counts), *snakemake.output.shares)
