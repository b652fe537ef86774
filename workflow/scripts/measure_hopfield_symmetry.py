"""Memories with their neurons, stored patterns or weights transformed: how many answers change, for all memories and
seeds.
"""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator
from weightspace.files import write_csv
from weightspace.logs import progress, start_log
from weightspace.memories.loading import load_memory
from weightspace.model_files import model_and_seed
from weightspace.symmetry.hopfield_symmetry import measure_memory


def main(input, output, settings):
    rows = []
    images = read_patterns(input.patterns)
    for path in progress(list(input.models), what="memories"):
        name, seed = model_and_seed(path)
        drawn = generator(seed, "transformed memories", name)
        chosen = images.test(drawn.choice(len(images.test_labels), settings["images"], replace=False))
        memory = load_memory(path, sweeps=settings["sweeps"])
        found = measure_memory(memory, chosen, draws=settings["draws"], generator=drawn)
        rows += [{"memory": name, "seed": seed, **row} for row in found]
    write_csv(output[0], pd.DataFrame(rows), digits=9)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
