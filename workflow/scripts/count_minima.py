"""Count, for all seeds of one memory, the stored patterns that are strict minima among all single and double flips."""

import pandas as pd

from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories.memory_loading import load_memory
from weightspace.memories.stability import count_minima

if __name__ == "__main__":
    start_log(snakemake)
    margin = snakemake.params.settings["margin"]
    rows = [{"seed": seed, **count_minima(load_memory(path), margin=margin)} for seed, path in enumerate(snakemake.input.models)]
    write_csv(snakemake.output[0], pd.DataFrame(rows))
