"""Log-volume against training error, what generalises there, and the same for binary weights, counted."""

import pandas as pd

from weightspace.figures.style import save
from weightspace.figures.weight_volume import draw_weight_volume
from weightspace.logs import start_log


def main(input, output, settings):
    volumes, partition = (pd.read_csv(input[name]) for name in ("volumes", "partition"))
    save(draw_weight_volume(volumes, partition, **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
