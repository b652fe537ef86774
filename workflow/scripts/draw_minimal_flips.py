"""Error against the number of flipped bits, best attack and random flips, for all models of the binary domain."""

import pandas as pd

from weightspace import style
from weightspace.figures.minimal_flips import draw_minimal_flips
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    tables = (pd.read_csv(path) for path in (snakemake.input.flips, snakemake.input.minimal))
    style.save(draw_minimal_flips(*tables, **snakemake.params.settings), *snakemake.output)
