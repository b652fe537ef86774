"""The tables of the pattern space, from the counts by shell."""

import pandas as pd

from weightspace.logs import start_log
from weightspace.pattern_space import tables
from weightspace.report.tables import write_table


def _read(paths):
    tables = [pd.read_csv(path) for path in paths]
    return pd.concat([table for table in tables if len(table)] or tables, ignore_index=True)


def main(input, output, settings):
    given, made = input, output
    shells, whole = _read(given.shells), _read(given.whole)
    exact, estimated = (
        tables.exact_partition(shells, settings["radii"]),
        tables.estimated_partition(whole, settings["shown_radii"]),
    )
    write_table(tables.check_sums(exact), *made.sums)
    write_table(pd.concat([exact, estimated], ignore_index=True), *made.partition)
    write_table(tables.shares_by_shell(pd.concat([shells, whole], ignore_index=True)), *made.shares)
    write_table(_read(given.images), *made.datasets)
    write_table(tables.summarise_basins(_read(given.basins)), *made.basins)
    write_table(tables.arrange_certified(_read(given.certified)), *made.certified)
    write_table(tables.arrange_rare(_read(given.rare)), *made.rare)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
