"""Landscapes and cones on one page on which they can be turned."""

from weightspace.figures.turnable import turnable_page
from weightspace.files import read_npz, write_text
from weightspace.logs import start_log


def main(input, output):
    data = [read_npz(path) for path in (input.energy, input.descent, input.cones)]
    write_text(output[0], turnable_page(*data))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
