"""Attack one model in the binary domain with all attacks and seeds, and save what they found as packed bits."""

import numpy as np

from weightspace.attacks.binary_attacks import Means, attack
from weightspace.attacks.composed_models import build
from weightspace.attacks.flip_files import collect
from weightspace.data.patterns import read_patterns
from weightspace.draws import attacked_images, generator, stored_images
from weightspace.logs import start_log
from weightspace.model_files import paths_by_seed


def main(input, output, settings, flipped):
    data, seeds, budgets = read_patterns(input.patterns), range(settings["seeds"]), settings["budgets"]
    paths = paths_by_seed(input.models)
    index = np.stack([attacked_images(len(data.test_labels), seed)[: settings["images"]] for seed in seeds])
    results = []
    for seed, chosen in enumerate(index):
        model = build(settings["model"], seed=seed, data=data, paths=paths.get(seed, {}), sweeps=settings["sweeps"])
        pool = data.train(stored_images(data.train_labels, seed)[: settings["pool"]])
        results.append([])
        for name, definition in settings["attacks"].items():
            means = Means(model, budgets, pool, generator(seed, f"binary attack {name}", flipped))
            first = chosen[: definition["images"]]
            results[-1].append(attack(means, definition, data.test(first), data.test_labels[first]))
    clean = [data.test(chosen) for chosen in index]
    collect(index, list(settings["attacks"]), results, clean, budgets).write(output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.flipped)
