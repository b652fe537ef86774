"""How many patterns each rule holds: shares by load, the capacity, and the literature."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.capacity import draw_capacity
from weightspace.logs import start_log


def main(input, output, settings):
    with style.paper():
        style.save(draw_capacity(pd.read_csv(input.capacity), pd.read_csv(input.shares), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
