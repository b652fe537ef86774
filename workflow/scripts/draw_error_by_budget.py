"""Error of each network against the budget, by attack."""

import pandas as pd

from weightspace import style
from weightspace.figures.error_by_budget import draw_error_by_budget
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    with style.paper():
        style.save(draw_error_by_budget(pd.read_csv(snakemake.input[0]), **snakemake.params.settings), *snakemake.output)
