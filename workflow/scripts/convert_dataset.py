"""Take a user's own images and labels from an npz file into the four IDX files that all else starts from."""

from pathlib import Path

from weightspace.data.own_data import convert
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    convert(snakemake.input[0], Path(snakemake.output[0]).parent)
