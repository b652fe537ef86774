"""Figures 2 and 4: the energy over a plane of patterns before and after learning."""

from weightspace import style
from weightspace.figures.energy_landscape import draw_landscape
from weightspace.files import read_npz
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    data = read_npz(snakemake.input[0])
    with style.paper():
        style.save(draw_landscape(data, "before"), *snakemake.output.before)
        style.save(draw_landscape(data, "after"), *snakemake.output.after)
