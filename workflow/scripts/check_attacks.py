"""All checks of the attacks in one table; fails where one of them failed."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.robustness.checks import judge, worst


def main(input, output):
    table = pd.concat([worst(pd.read_csv(path)) for path in input], ignore_index=True)
    write_table(table, *output)
    judge(table)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
