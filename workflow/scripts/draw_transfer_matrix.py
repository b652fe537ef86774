"""Errors of all models on images that were attacked on another, as a heat map."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.transfer_matrix import draw_transfer_matrix
from weightspace.logs import start_log


def main(input, output, settings):
    with style.paper():
        style.save(draw_transfer_matrix(pd.read_csv(input[0]), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
