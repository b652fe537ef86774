"""log10 volume by number of training errors, and of W_e, W_g and W_n, over independent runs."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.weight_space.volume import summarise


def main(input, output):
    rows = pd.concat([pd.read_csv(path) for path in input], ignore_index=True)
    write_table(summarise(rows), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
