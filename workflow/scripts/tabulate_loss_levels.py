"""Classes of weights along great circles through trained ones, by angle and by loss, and the orders in which they
come.
"""

from weightspace.files import read_columns
from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.weight_space.great_circles import summarise


def main(input, output, settings):
    write_table(summarise(read_columns(input[0]), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
