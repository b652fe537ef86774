"""Draw numbers that others have published beside ours."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.published import draw_published
from weightspace.logs import start_log


def main(input, output):
    with style.paper():
        style.save(draw_published(pd.read_csv(input.published)), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
