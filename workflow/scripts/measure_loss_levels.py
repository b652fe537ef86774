"""Train networks, follow great circles through their weights, and map one sphere: loss and class by angle."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_columns, write_npz
from weightspace.logs import start_log
from weightspace.weight_space.great_circles import measure_circles

if __name__ == "__main__":
    start_log(snakemake)
    points, sphere = measure_circles(read_patterns(snakemake.input.patterns), **snakemake.params.settings)
    write_columns(snakemake.output.circles, points)
    write_npz(snakemake.output.sphere, **sphere)
