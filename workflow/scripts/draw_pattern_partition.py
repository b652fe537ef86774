"""What the patterns at each distance from the images are, for all models."""

import pandas as pd

from weightspace import style
from weightspace.figures.pattern_partition import draw_pattern_partition
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    with style.paper():
        style.save(draw_pattern_partition(pd.read_csv(snakemake.input.shares), pd.read_csv(snakemake.input.datasets)), *snakemake.output)
