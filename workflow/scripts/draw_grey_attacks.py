"""Figures of attacks on grey images: what networks withstand, transfer, the paper's experiment, and examples."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.adversarial_examples import draw_adversarial_examples
from weightspace.figures.ensemble_transfer import draw_ensemble_transfer
from weightspace.figures.error_by_budget import draw_error_by_budget
from weightspace.figures.paper_experiment import draw_paper_experiment
from weightspace.figures.transfer_matrix import draw_transfer_matrix
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output, settings):
    drawn_from_tables = {  # by figure: its function and its table
        "error_by_budget": (draw_error_by_budget, input.attacks),
        "transfer_matrix": (draw_transfer_matrix, input.transfer),
        "ensemble_transfer": (draw_ensemble_transfer, input.ensembles),
        "paper_experiment": (draw_paper_experiment, input.paper_experiment),
    }
    for name, (draw, table) in drawn_from_tables.items():
        style.save(draw(pd.read_csv(table), **settings[name]), *getattr(output, name))
    style.save(draw_adversarial_examples(read_npz(input.examples)), *output.adversarial_examples)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
