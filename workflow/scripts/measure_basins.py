"""Recall from ever farther away from the patterns that one memory stores, for all seeds."""

import pandas as pd

from weightspace.draws import generator
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories.loading import load_memory
from weightspace.retrieval.basins import measure_basins


def main(input, output, settings):
    parts = []
    for seed, path in enumerate(input.models):
        memory = load_memory(path, sweeps=settings["sweeps"])
        parts.append(
            measure_basins(memory, **settings["starts"], generator=generator(seed, "basin starts")).assign(seed=seed)
        )
    write_csv(output[0], pd.concat(parts, ignore_index=True))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
