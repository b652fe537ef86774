"""Log-volume against training error, what generalises there, and the same for binary weights, counted."""

import pandas as pd

from weightspace.figures.weight_volume import draw_weight_volume
from weightspace.logs import start_log
from weightspace.style import save

if __name__ == "__main__":
    start_log(snakemake)
    volumes, partition = (pd.read_csv(snakemake.input[name]) for name in ("volumes", "partition"))
    save(draw_weight_volume(volumes, partition, **snakemake.params.settings), *snakemake.output)
