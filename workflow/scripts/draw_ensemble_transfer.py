"""Success of attacks on ensembles against models of a learning rule that they leave out."""

import pandas as pd

from weightspace import style
from weightspace.figures.ensemble_transfer import draw_ensemble_transfer
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    with style.paper():
        style.save(draw_ensemble_transfer(pd.read_csv(snakemake.input[0]), **snakemake.params.settings), *snakemake.output)
