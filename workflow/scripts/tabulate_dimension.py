"""Steps to a given loss by width, and the slope of log steps on the log of the number of weights."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.weight_space.dimension import summarise


def main(input, output):
    write_table(summarise(pd.read_csv(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
