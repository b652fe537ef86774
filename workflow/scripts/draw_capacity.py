"""How many patterns each rule holds: shares by load, the capacity, and the literature."""

import pandas as pd

from weightspace import style
from weightspace.figures.capacity import draw_capacity
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    with style.paper():
        style.save(draw_capacity(pd.read_csv(snakemake.input.capacity), pd.read_csv(snakemake.input.shares)), *snakemake.output)
