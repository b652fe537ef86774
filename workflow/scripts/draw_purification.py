"""Recall before a network, and heads on the same features, under attack."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.purification import draw_purification
from weightspace.logs import start_log


def main(input, output, settings):
    style.save(draw_purification(pd.read_csv(input[0]), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
