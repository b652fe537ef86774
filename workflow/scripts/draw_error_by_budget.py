"""Error of each network against the budget, by attack."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.error_by_budget import draw_error_by_budget
from weightspace.logs import start_log


def main(input, output, settings):
    with style.paper():
        style.save(draw_error_by_budget(pd.read_csv(input[0]), **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
