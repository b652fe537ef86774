"""Which answers of memories change under interchanges, flips and other weights, over seeds."""

import pandas as pd

from weightspace.hopfield_symmetry import summarise
from weightspace.logs import start_log
from weightspace.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    write_table(summarise(pd.read_csv(snakemake.input[0])), *snakemake.output)
