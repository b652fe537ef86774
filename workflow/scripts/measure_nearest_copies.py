"""How far a random start lies from the nearest copy of a solution, by width, for all seeds."""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator
from weightspace.files import write_csv
from weightspace.logs import progress, start_log
from weightspace.networks.gradient_steps import classification_task
from weightspace.symmetry.nearest_copies import measure_munificence


def main(input, output, settings):
    rows = []
    images, targets = classification_task(read_patterns(input.patterns), settings["images"])
    for seed in progress(range(settings["seeds"]), what="seeds"):
        found = measure_munificence(
            images, targets, **settings["training"], generator=generator(seed, "nearest copies")
        )
        rows += [{"seed": seed, **row} for row in found]
    write_csv(output[0], pd.DataFrame(rows), digits=9)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
