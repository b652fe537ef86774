"""Drive the weights of one network up the training loss, all seeds, and compare their answers with those to adversarial
images.
"""

from weightspace.logs import start_log
from weightspace.networks.training import read_sets
from weightspace.report.tables import write_table
from weightspace.robustness.loss_ascent import tabulate


def main(input, output, settings):
    training, *_ = read_sets(input.training, settings["input"])
    table = tabulate(training, {kind: getattr(input, kind) for kind in ("models", "adversarial", "noise")}, settings)
    write_table(table, *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
