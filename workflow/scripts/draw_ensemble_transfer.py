"""Success of attacks on ensembles against models of a learning rule that they leave out."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.ensemble_transfer import draw_ensemble_transfer
from weightspace.logs import start_log


def main(input, output, settings):
    with style.paper():
        style.save(draw_ensemble_transfer(pd.read_csv(input[0]), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
