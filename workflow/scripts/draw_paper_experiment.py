"""What "misclassified 0.7" measures: the memory's error beside its controls."""

import pandas as pd

from weightspace import style
from weightspace.figures.paper_experiment import draw_paper_experiment
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    with style.paper():
        style.save(draw_paper_experiment(pd.read_csv(snakemake.input[0]), **snakemake.params.settings), *snakemake.output)
