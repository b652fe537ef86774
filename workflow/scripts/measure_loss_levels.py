"""Train networks, follow great circles through their weights, and map one sphere: loss and class by angle."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_columns, write_npz
from weightspace.logs import start_log
from weightspace.weight_space.great_circles import measure_circles


def main(input, output, settings):
    points, sphere = measure_circles(read_patterns(input.patterns), **settings)
    write_columns(output.circles, points)
    write_npz(output.sphere, **sphere)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
