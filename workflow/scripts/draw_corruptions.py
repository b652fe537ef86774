"""The figure of errors on corrupted images."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.corruptions import draw_corruptions
from weightspace.logs import start_log


def main(input, output, settings):
    style.save(draw_corruptions(pd.read_csv(input[0]), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
