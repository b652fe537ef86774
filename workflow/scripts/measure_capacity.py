"""Store ever more random patterns and ever more images by one rule, for all seeds, and count what is held."""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories.capacity import image_draws, measure_rule, random_draws

if __name__ == "__main__":
    start_log(snakemake)
    settings, data = snakemake.params.settings, read_patterns(snakemake.input.patterns)
    neurons, images, seeds = settings["neurons"], sorted(settings["images"]), settings["seeds"]
    random = sorted({max(1, round(load * neurons)) for load in settings["loads"]})
    kinds = {
        "random": (random, neurons, random_draws(random[-1], neurons, seeds=seeds)),
        settings["dataset"]: (images, data.size, image_draws(data, images[-1], seeds=seeds)),
    }
    parts = []
    for kind, (counts, size, draws) in kinds.items():
        measured = measure_rule(settings["definition"], draws, counts, **settings["probing"])
        parts.append(measured.assign(rule=snakemake.wildcards.learning_rule, data=kind, neurons=size))
    write_csv(snakemake.output[0], pd.concat(parts, ignore_index=True))
