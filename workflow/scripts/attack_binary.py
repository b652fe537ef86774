"""Attack one model in the binary domain with all attacks and seeds, and save what they found as packed bits."""

import numpy as np

from weightspace.attacks.binary_attacks import Task, attack
from weightspace.attacks.binary_targets import build, paths_by_seed, target
from weightspace.attacks.flip_files import collect
from weightspace.data.patterns import read_patterns
from weightspace.draws import attacked_images, generator, stored_images
from weightspace.logs import start_log


def main(input, output, settings, flipped):
    data = read_patterns(input.patterns)
    attacks, budgets, limit = settings["attacks"], settings["budgets"], settings["images"]
    files = paths_by_seed(input.models, settings["trained"], settings["seeds"])
    index, images, results = [], [], []
    for seed, paths in enumerate(files):
        chosen = attacked_images(len(data.test_labels), seed)[:limit]
        clean, labels = data.test(chosen), data.test_labels[chosen]
        model = build(settings["model"], seed=seed, data=data, paths=paths, sweeps=settings["sweeps"])
        pool = data.train(stored_images(data.train_labels, seed)[: settings["pool"]])
        results.append([])
        for name, definition in attacks.items():
            task = Task(target(model), budgets, pool, generator(seed, f"binary attack {name}", flipped))
            first = slice(definition["images"])
            results[-1].append(attack(task, definition, clean[first], labels[first]))
        index.append(chosen)
        images.append(clean)
    collect(np.stack(index), list(attacks), results, images, budgets).write(output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.flipped)
