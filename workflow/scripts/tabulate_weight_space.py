"""Tables of the weight space: exact shares of the classes, volumes, cones, loss levels and the effect of dimension. A
job makes the tables that its output names; that of the cones also places them on an ordinary sphere, for figure 8.
"""

import pandas as pd

from weightspace.files import read_columns, write_npz
from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.weight_space import binary_weights, cones, dimension, great_circles, memory_weights, volume
from weightspace.weight_space.sphere_embedding import place_all


def read_all(paths):
    return pd.concat([pd.read_csv(path) for path in paths], ignore_index=True)


TABLES = {
    "weight_partition": lambda given, settings: binary_weights.summarise(pd.read_csv(given.binary)),
    "memory_weight_partition": lambda given, settings: memory_weights.summarise(
        pd.read_csv(given.matrices), pd.read_csv(given.rows)
    ),
    "weight_volume": lambda given, settings: volume.summarise(read_all(given.volumes)),
    "cones": lambda given, settings: cones.summarise(cones.Cones.load(given.cones)),
    "loss_levels": lambda given, settings: great_circles.summarise(read_columns(given.circles), bins=settings["bins"]),
    "dimension": lambda given, settings: dimension.summarise(pd.read_csv(given.dimension)),
}


def main(input, output, settings):
    for name, summarise in TABLES.items():
        if hasattr(output, name):
            write_table(summarise(input, settings), *getattr(output, name))
    if hasattr(output, "cone_points"):
        write_npz(output.cone_points, **place_all(cones.Cones.load(input.cones)))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
