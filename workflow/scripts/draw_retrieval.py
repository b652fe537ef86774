"""Figures of retrieval: how many patterns each rule holds, and where recall leads from ever farther away."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.basins import draw_basins
from weightspace.figures.capacity import draw_capacity
from weightspace.logs import start_log


def main(input, output, settings):
    with style.paper():
        capacity = draw_capacity(pd.read_csv(input.capacity), pd.read_csv(input.capacity_shares), **settings)
        style.save(capacity, *output.capacity)
        style.save(draw_basins(pd.read_csv(input.basins), pd.read_csv(input.attractors), **settings), *output.basins)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
