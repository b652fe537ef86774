"""Obtain the four IDX files of a dataset, checked against their digests."""

from pathlib import Path

from weightspace.data.download import obtain
from weightspace.logs import start_log


def main(input, output, settings):
    obtain(settings["name"], settings["directory"], Path(output[0]).parent)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
