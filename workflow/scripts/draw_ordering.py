"""Whether training keeps the order of a layer's units, by step and by how far units move."""

import pandas as pd

from weightspace import style
from weightspace.figures.ordering import draw_ordering
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    with style.paper():
        style.save(draw_ordering(pd.read_csv(snakemake.input[0])), *snakemake.output)
