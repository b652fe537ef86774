"""Landscapes and cones on one page on which they can be turned."""

from weightspace.figures.turnable import turnable_page
from weightspace.files import read_npz, write_text
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    data = [read_npz(path) for path in (snakemake.input.energy, snakemake.input.descent, snakemake.input.cones)]
    write_text(snakemake.output[0], turnable_page(*data))
