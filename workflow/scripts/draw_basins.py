"""Where recall leads, from ever farther away from a stored pattern and from all states of small networks."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.basins import draw_basins
from weightspace.logs import start_log


def main(input, output, settings):
    with style.paper():
        style.save(draw_basins(pd.read_csv(input.basins), pd.read_csv(input.attractors), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
