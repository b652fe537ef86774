"""One memory's recall, for all seeds: where it ends from ever farther away from the stored patterns, and how that of
test images goes, one row per image.
"""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator, seed_for
from weightspace.files import write_columns, write_csv
from weightspace.logs import start_log
from weightspace.memories.loading import load_memory
from weightspace.retrieval.basins import measure_basins
from weightspace.retrieval.dynamics import follow_recall
from weightspace.retrieval.nearest_pattern import count_nearest


def main(input, output, settings):
    data, starts, followed = read_patterns(input.patterns), settings["basins"], settings["dynamics"]
    basins, dynamics, nearest = [], [], []
    for seed, path in enumerate(input.models):
        memory = load_memory(path, sweeps=settings["sweeps"])
        ends = measure_basins(memory, **starts, generator=generator(seed, "basin starts"))
        basins.append(ends.assign(seed=seed))
        index = generator(seed, "recalled images").choice(len(data.test_labels), followed["images"], replace=False)
        order = seed_for(seed, "order of updating")
        images = follow_recall(memory, data.test(index), sweeps=followed["energy_sweeps"], seed=order)
        dynamics.append(images.assign(seed=seed, index=index))
        flipped = generator(seed, "flipped stored patterns")
        nearest += [{"seed": seed, **row} for row in count_nearest(memory, data.test(index), generator=flipped)]
    write_csv(output.basins, pd.concat(basins, ignore_index=True))
    write_csv(output.nearest, pd.DataFrame(nearest))
    write_columns(output.dynamics, pd.concat(dynamics, ignore_index=True))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
