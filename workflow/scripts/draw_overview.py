"""A contact sheet of all figures."""

from weightspace import style
from weightspace.figures.overview import draw_overview
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    style.save(draw_overview(snakemake.input), snakemake.output[0])
