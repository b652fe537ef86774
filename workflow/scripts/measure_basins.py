"""Recall from ever farther away from the patterns that one memory stores, for all seeds."""

import pandas as pd

from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories.basins import measure_basins
from weightspace.memories.memory_loading import load_memory
from weightspace.seeding import generator

if __name__ == "__main__":
    start_log(snakemake)
    settings, parts = snakemake.params.settings, []
    for seed, path in enumerate(snakemake.input.models):
        memory = load_memory(path, sweeps=settings["sweeps"])
        parts.append(measure_basins(memory, **settings["starts"], generator=generator(seed, "basin starts")).assign(seed=seed))
    write_csv(snakemake.output[0], pd.concat(parts, ignore_index=True))
