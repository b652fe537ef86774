"""What the patterns around all labelled images are to one model, all seeds: by shell, certified images, and rare
shares.
"""

import logging

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.files import read_npz, write_csv
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.networks.training import choose_device
from weightspace.pattern_space.shells import SharedFlips, ShellSample, images_of
from weightspace.pattern_space.whole_images import measure


def main(input, output, settings):
    images = images_of(read_patterns(input.patterns))
    sample, shared = ShellSample.of_arrays(read_npz(input.sample)), SharedFlips(**read_npz(input.shared))
    parts, device = [], str(choose_device(settings["device"]))
    for seed, path in enumerate(input.models):
        classifier = load(path, sweeps=settings["sweeps"])
        parts.append(measure(classifier, images, sample, shared, **settings["measure"], seed=seed, device=device))
        logging.info("seed %d measured", seed)
    head = {
        "dataset": settings["dataset"],
        "bits": images.size,
        "images": len(images.masks),
        "model": settings["model"],
    }
    shells, certified, rare = zip(*parts, strict=True)
    for path, tables in ((output.shells, shells), (output.certified, certified), (output.rare, rare)):
        rows = pd.concat([table.assign(seed=seed) for seed, table in enumerate(tables)], ignore_index=True)
        write_csv(path, rows.assign(**head))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
