"""Draw patterns from the shells around all labelled images, once for all models."""

import logging

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator
from weightspace.files import write_csv, write_npz
from weightspace.logs import start_log
from weightspace.pattern_space.shells import SharedFlips, images_of, sample_shells


def main(input, output, settings):
    images = images_of(read_patterns(input.patterns))
    distances = range(1, settings["radius"] + 1)
    sample = sample_shells(images, distances, settings["draws"], generator=generator(0, "patterns of the shells"))
    logging.info("%d of %d patterns accepted", len(sample.masks), settings["draws"] * len(distances))
    write_npz(output.sample, **sample.arrays())
    write_npz(output.shared, **vars(SharedFlips.of(images)))
    write_csv(output.images, images.describe(settings["dataset"]))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
