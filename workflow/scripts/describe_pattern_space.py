"""The paragraph on the pattern space for the report's first page."""

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.pattern_space.pattern_report import paragraph

if __name__ == "__main__":
    start_log(snakemake)
    given = snakemake.input
    tables = [pd.read_csv(path) for path in (given.partition, given.shares, given.certified, given.basins)]
    write_text(snakemake.output[0], paragraph(*tables, **snakemake.params.settings))
