"""The landscapes of energy and loss on a page on which they can be turned."""

from weightspace.figures.turnable_landscapes import turnable_page
from weightspace.files import read_npz, write_text
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    write_text(snakemake.output[0], turnable_page(read_npz(snakemake.input.energy), read_npz(snakemake.input.descent)))
