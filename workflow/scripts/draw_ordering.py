"""Whether training keeps the order of a layer's units, by step and by how far units move."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.ordering import draw_ordering
from weightspace.logs import start_log


def main(input, output):
    with style.paper():
        style.save(draw_ordering(pd.read_csv(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
