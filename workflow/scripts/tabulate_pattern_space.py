"""The tables of the pattern space, from the counts by shell."""

import pandas as pd

from weightspace import pattern_tables
from weightspace.logs import start_log
from weightspace.tables import write_table


def _read(paths):
    return pd.concat(map(pd.read_csv, paths), ignore_index=True)


if __name__ == "__main__":
    start_log(snakemake)
    shells = _read(snakemake.input.shells)
    write_table(pattern_tables.exact_partition(shells, snakemake.params.settings["radii"]), *snakemake.output.partition)
    write_table(pattern_tables.shares_by_shell(shells), *snakemake.output.shares)
    write_table(_read(snakemake.input.images), *snakemake.output.datasets)
    write_table(pattern_tables.summarise_basins(_read(snakemake.input.basins)), *snakemake.output.basins)
