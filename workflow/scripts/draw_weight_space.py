"""Volumes of the classes of weights, angles between groups of networks, figure 7, the loss along great circles and over
a sphere, and figure 8, the groups on a sphere.
"""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.cones import draw_angles, draw_cones_on_hypersphere
from weightspace.figures.objective_and_cones import draw_objective_and_cones
from weightspace.figures.weight_volume import draw_weight_volume
from weightspace.files import read_columns, read_npz
from weightspace.logs import start_log


def main(input, output, settings):
    tables = ("weight_volume", "weight_partition", "cones", "loss_levels")
    volume, partition, cones, levels = (pd.read_csv(getattr(input, name)) for name in tables)
    circles, sphere = read_columns(input.circles), read_npz(input.sphere)
    with style.paper():
        style.save(draw_weight_volume(volume, partition, **settings), *output.weight_volume)
        style.save(draw_angles(cones), *output.angles)
        style.save(draw_objective_and_cones(circles, sphere, levels), *output.objective_and_cones)
        style.save(draw_cones_on_hypersphere(read_npz(input.cone_points)), *output.cones_on_hypersphere)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
