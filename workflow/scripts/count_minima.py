"""Count, for all seeds of one memory, the stored patterns that are strict minima among all single and double flips."""

import pandas as pd

from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories.loading import load_memory
from weightspace.retrieval.stability import count_minima


def main(input, output, settings):
    margin = settings["margin"]
    rows = [{"seed": seed, **count_minima(load_memory(path), margin=margin)} for seed, path in enumerate(input.models)]
    write_csv(output[0], pd.DataFrame(rows))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
