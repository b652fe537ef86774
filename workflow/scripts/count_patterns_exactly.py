"""Train every kind of classifier on digits shrunk to a few pixels and classify all of the 2^N patterns with each."""

import logging
from pathlib import Path

import pandas as pd

from weightspace.data.shrunken_digits import read_digits
from weightspace.files import write_csv, write_npz
from weightspace.logs import start_log
from weightspace.networks.training import choose_device
from weightspace.pattern_space.enumeration import Space, count_models
from weightspace.pattern_space.small_models import train_models


def main(input, output, settings):
    digits = read_digits(Path(input.raw[0]).parent, **settings["digits"])
    images = digits.images
    logging.info(
        "%d patterns, %d of them of several labels; label ceiling %.3f",
        len(images.masks),
        images.ambiguous,
        images.label_ceiling,
    )
    space, counted = Space(images, largest=settings["largest"]), []
    for seed in range(settings["seeds"]):
        models = train_models(digits, **settings["models"], seed=seed, device=settings["device"])
        counted.append(count_models(space, models, device=str(choose_device(settings["device"]))))
        logging.info("seed %d counted", seed)
    shells, basins, maps = zip(*counted, strict=True)
    for path, parts in ((output.shells, shells), (output.basins, basins)):
        rows = pd.concat([part.assign(seed=seed) for seed, part in enumerate(parts)], ignore_index=True)
        write_csv(path, rows.assign(dataset=settings["dataset"], bits=space.size))
    write_npz(output.maps, images=space.codes, distances=space.nearest[0], **maps[0])
    write_csv(output.images, images.describe(settings["dataset"]))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
