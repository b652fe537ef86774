"""Follow one memory's recall of test images in three orders of updating, for all seeds; one row per image."""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator, seed_for
from weightspace.files import write_columns
from weightspace.logs import start_log
from weightspace.memories.loading import load_memory
from weightspace.retrieval.dynamics import follow_recall


def main(input, output, settings):
    data, parts = read_patterns(input.patterns), []
    for seed, path in enumerate(input.models):
        memory = load_memory(path, sweeps=settings["sweeps"])
        index = generator(seed, "recalled images").choice(len(data.test_labels), settings["images"], replace=False)
        followed = follow_recall(
            memory, data.test(index), sweeps=settings["energy_sweeps"], seed=seed_for(seed, "order of updating")
        )
        parts.append(followed.assign(seed=seed, index=index))
    write_columns(output[0], pd.concat(parts, ignore_index=True))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
