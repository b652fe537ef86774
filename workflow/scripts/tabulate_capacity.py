"""Capacity of each rule with what the literature gives, and the shares by load behind it, over seeds."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.retrieval.capacity_tables import summarise_capacity, summarise_shares


def main(input, output, settings):
    counts = pd.concat([pd.read_csv(path) for path in input], ignore_index=True)
    write_table(summarise_capacity(counts, settings["rules"]), *output.capacity)
    write_table(summarise_shares(counts), *output.shares)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
