"""The loss along great circles through trained weights and over a sphere, with the class of the weights."""

import pandas as pd

from weightspace.figures.objective_and_cones import draw_objective_and_cones
from weightspace.figures.style import save
from weightspace.files import read_columns, read_npz
from weightspace.logs import start_log


def main(input, output):
    circles, sphere, levels = (
        read_columns(input.circles),
        read_npz(input.sphere),
        pd.read_csv(input.levels),
    )
    save(draw_objective_and_cones(circles, sphere, levels), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
