"""Attractors of small networks by kind, and the share of all states that each kind draws, over seeds."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.retrieval.attractors import summarise


def main(input, output):
    write_table(summarise(pd.read_csv(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
