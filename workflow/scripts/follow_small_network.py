"""Train a Hopfield network of six neurons on digits of 3 x 2 pixels and follow all of its 64 states."""

from pathlib import Path

from weightspace.data.raw_files import read_images, read_labels
from weightspace.draws import checked_bits
from weightspace.files import write_npz
from weightspace.logs import start_log
from weightspace.retrieval.small_network import choose_digits, follow_all_states


def main(input, output, settings):
    raw = Path(input.images[0]).parent
    patterns, labels = choose_digits(
        read_images(raw, "train"), read_labels(raw, "train"), patterns=settings["patterns"]
    )
    data = follow_all_states(patterns, labels, margin=settings["margin"], generator=checked_bits(0))
    write_npz(output[0], **data, seed=0)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
