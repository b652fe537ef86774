"""A contact sheet of all figures."""

from weightspace.figures import style
from weightspace.figures.overview import draw_overview
from weightspace.logs import start_log


def main(input, output):
    style.save(draw_overview(input), output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
