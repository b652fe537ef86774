"""Binarise the raw images into bit-packed patterns."""

from pathlib import Path

from weightspace.data.binarise import write_patterns
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings
    write_patterns(Path(snakemake.input[0]).parent, snakemake.output[0], threshold=settings["threshold"])
