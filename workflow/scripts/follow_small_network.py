"""Train a Hopfield network of six neurons on digits of 3 x 2 pixels and follow all of its 64 states."""

from pathlib import Path

from weightspace.data.raw_files import read_images, read_labels
from weightspace.data.shrunken_digits import choose_class_patterns
from weightspace.files import write_npz
from weightspace.logs import start_log
from weightspace.retrieval.small_memories import SHAPE, follow_small_network


def main(input, output, settings):
    raw = Path(input.images[0]).parent
    images, labels = read_images(raw, "train"), read_labels(raw, "train")
    chosen = choose_class_patterns(images, labels, patterns=settings["patterns"], shape=SHAPE)
    write_npz(output[0], **follow_small_network(*chosen, margin=settings["margin"]), seed=0)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
