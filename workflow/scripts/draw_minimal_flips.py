"""Error against the number of flipped bits, best attack and random flips, for all models of the binary domain."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.minimal_flips import draw_minimal_flips
from weightspace.logs import start_log


def main(input, output, settings):
    tables = (pd.read_csv(path) for path in (input.flips, input.minimal))
    style.save(draw_minimal_flips(*tables, **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
