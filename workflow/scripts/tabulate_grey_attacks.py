"""Tables of attacks on grey images from every model's answers: models under their own attacks, by themselves and
compared, transfer between models, or the paper's experiment.
"""

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.robustness import error_by_budget, grey_comparisons, paper_experiment, transfer

TABULATE = {
    "error_by_budget": error_by_budget.tabulate,
    "grey_comparisons": grey_comparisons.tabulate,
    "transfer": transfer.tabulate,
    "paper_experiment": paper_experiment.tabulate,
}


def main(input, output, settings):
    tables = TABULATE[settings["about"]](input.scores, settings)
    for name, table in tables.items():
        write_table(table, *getattr(output, name))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
