"""Attractors of small networks by kind, and the share of all states that each kind draws, over seeds."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.memories.attractors import summarise
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    write_table(summarise(pd.read_csv(snakemake.input[0])), *snakemake.output)
