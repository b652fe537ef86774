"""Noise of equal size for all models: test patterns with randomly flipped bits, at every budget and for all seeds."""

from weightspace.attacks.flip_files import flipped_at_random
from weightspace.data.patterns import read_patterns
from weightspace.logs import start_log


def main(input, output, settings):
    flipped_at_random(read_patterns(input.patterns), **settings).write(output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
