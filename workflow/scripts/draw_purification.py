"""Recall before a network, and heads on the same features, under attack."""

import pandas as pd

from weightspace import style
from weightspace.figures.purification import draw_purification
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    style.save(draw_purification(pd.read_csv(snakemake.input[0])), *snakemake.output)
