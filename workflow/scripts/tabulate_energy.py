"""Share of stored patterns that are local minima of the energy, per memory, over seeds."""

from weightspace.files import read_parts
from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.retrieval.stability import summarise


def main(input, output, settings):
    write_table(summarise(read_parts(input.measured, name="memory"), settings["memories"]), *output.stability)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
