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

# By figure: its function, and the input that it shows.
FIGURES = {
    "error_by_budget": (draw_error_by_budget, "attacks"),
    "transfer_matrix": (draw_transfer_matrix, "transfer"),
    "ensemble_transfer": (draw_ensemble_transfer, "ensembles"),
    "paper_experiment": (draw_paper_experiment, "paper_experiment"),
    "adversarial_examples": (draw_adversarial_examples, "examples"),
}


def main(input, output, settings):
    for name, (draw, shown) in FIGURES.items():
        read = read_npz if shown == "examples" else pd.read_csv
        style.save(draw(read(getattr(input, shown)), **settings.get(name, {})), *getattr(output, name))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
