"""How far a random start lies from the nearest copy of a solution, by width, for all seeds."""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import progress, start_log
from weightspace.seeding import generator
from weightspace.symmetry.gradient_steps import classification_task
from weightspace.symmetry.munificence import measure_munificence

if __name__ == "__main__":
    start_log(snakemake)
    settings, rows = snakemake.params.settings, []
    images, targets = classification_task(read_patterns(snakemake.input.patterns), settings["images"])
    for seed in progress(range(settings["seeds"]), what="seeds"):
        found = measure_munificence(images, targets, **settings["training"], generator=generator(seed, "nearest copies"))
        rows += [{"seed": seed, **row} for row in found]
    write_csv(snakemake.output[0], pd.DataFrame(rows), digits=9)
