"""Drive the weights of one network up the training loss, all seeds, and compare their answers with those to adversarial
images.
"""

from pathlib import Path

from weightspace.logs import start_log
from weightspace.networks.training_data import read_binary, read_scaled_grey
from weightspace.report.tables import write_table
from weightspace.robustness.loss_ascent import tabulate


def main(input, output, settings):
    binary = settings["input"] == "binary"
    training, _ = read_binary(input.training) if binary else read_scaled_grey(Path(input.training[0]).parent)
    table = tabulate(training, {kind: getattr(input, kind) for kind in ("models", "adversarial", "noise")}, settings)
    write_table(table, *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
