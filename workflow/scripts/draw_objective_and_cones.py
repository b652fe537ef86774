"""The loss along great circles through trained weights and over a sphere, with the class of the weights."""

import pandas as pd

from weightspace.figures.objective_and_cones import draw_objective_and_cones
from weightspace.files import read_columns, read_npz
from weightspace.logs import start_log
from weightspace.style import save

if __name__ == "__main__":
    start_log(snakemake)
    circles, sphere, levels = read_columns(snakemake.input.circles), read_npz(snakemake.input.sphere), pd.read_csv(snakemake.input.levels)
    save(draw_objective_and_cones(circles, sphere, levels), *snakemake.output)
