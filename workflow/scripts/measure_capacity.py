"""Store ever more random patterns and ever more images by one rule, for all seeds, and count what is held."""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.retrieval.capacity import image_draws, measure_rule, random_draws


def main(input, output, settings, learning_rule):
    data = read_patterns(input.patterns)
    neurons, images, seeds = settings["neurons"], sorted(settings["images"]), settings["seeds"]
    random = sorted({max(1, round(load * neurons)) for load in settings["loads"]})
    kinds = {
        "random": (random, neurons, random_draws(random[-1], neurons, seeds=seeds)),
        settings["dataset"]: (images, data.size, image_draws(data, images[-1], seeds=seeds)),
    }
    parts = []
    for kind, (counts, size, draws) in kinds.items():
        measured = measure_rule(settings["definition"], draws, counts, **settings["probing"])
        parts.append(measured.assign(rule=learning_rule, data=kind, neurons=size))
    write_csv(output[0], pd.concat(parts, ignore_index=True))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.learning_rule)
