"""Whether training keeps the order of a layer's units, by setting and by what they are ordered by, over seeds."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.symmetry.ordering import summarise


def main(input, output):
    write_table(summarise(pd.read_csv(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
