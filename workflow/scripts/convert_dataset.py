"""Take a user's own images and labels from an npz file into the four IDX files that all else starts from."""

from pathlib import Path

from weightspace.data.own_images import convert
from weightspace.logs import start_log


def main(input, output):
    convert(input[0], Path(output[0]).parent)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
