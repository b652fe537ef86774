"""The table of errors on corrupted images, by model, kind and severity, and of models compared."""

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.robustness.corruptions import tabulate


def main(input, output, settings):
    write_table(tabulate(input, settings["levels"], settings["pairs"]), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
