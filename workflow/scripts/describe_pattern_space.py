"""The paragraph on the pattern space for the report's first page."""

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.about_pattern_space import paragraph


def main(input, output, settings):
    given = input
    tables = [pd.read_csv(path) for path in (given.partition, given.shares, given.certified, given.basins)]
    write_text(output[0], paragraph(*tables, **settings))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
