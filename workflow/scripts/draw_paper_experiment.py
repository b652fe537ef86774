"""What "misclassified 0.7" measures: the memory's error beside its controls."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.paper_experiment import draw_paper_experiment
from weightspace.logs import start_log


def main(input, output, settings):
    with style.paper():
        style.save(draw_paper_experiment(pd.read_csv(input[0]), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
