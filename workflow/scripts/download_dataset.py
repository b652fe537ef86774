"""Obtain the four IDX files of a dataset, checked against their digests."""

from pathlib import Path

from weightspace.data.download import obtain
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings
    obtain(settings["name"], settings["directory"], Path(snakemake.output[0]).parent)
