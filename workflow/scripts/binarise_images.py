"""Binarise the raw images into bit-packed patterns."""

from pathlib import Path

from weightspace.data.patterns import write_patterns
from weightspace.logs import start_log


def main(input, output, settings):
    write_patterns(Path(input[0]).parent, output[0], threshold=settings["threshold"])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
