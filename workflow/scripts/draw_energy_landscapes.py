"""Figures 2 and 4: the energy over a plane of patterns before and after learning."""

from weightspace.figures import style
from weightspace.figures.energy_landscape import draw_landscape
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output):
    data = read_npz(input[0])
    with style.paper():
        style.save(draw_landscape(data, "before"), *output.before)
        style.save(draw_landscape(data, "after"), *output.after)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
