"""The tables of the pattern space, from the counts by shell."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.pattern_space import tables
from weightspace.report.tables import write_table


def _read(paths):
    """All rows; a file without any has columns of no type, which would spoil those of the others."""
    found = [pd.read_csv(path) for path in paths]
    return pd.concat([rows for rows in found if len(rows)] or found, ignore_index=True)


def main(input, output, settings):
    shells, whole = _read(input.shells), _read(input.whole)
    exact = tables.exact_partition(shells, settings["radii"])
    estimated = tables.estimated_partition(whole, settings["shown_radii"])
    write_table(tables.check_sums(exact), *output.sums)
    write_table(pd.concat([exact, estimated], ignore_index=True), *output.partition)
    write_table(tables.shares_by_shell(pd.concat([shells, whole], ignore_index=True)), *output.shares)
    write_table(_read(input.images), *output.datasets)
    write_table(tables.summarise_basins(_read(input.basins)), *output.basins)
    write_table(tables.arrange_certified(_read(input.certified)), *output.certified)
    write_table(tables.arrange_rare(_read(input.rare)), *output.rare)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
