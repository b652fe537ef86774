"""Errors of all models on images that were attacked on another, as a heat map."""

import pandas as pd

from weightspace import style
from weightspace.figures.transfer_matrix import draw_transfer_matrix
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    with style.paper():
        style.save(draw_transfer_matrix(pd.read_csv(snakemake.input[0]), **snakemake.params.settings), *snakemake.output)
