"""Steps of gradient descent to a given loss by width, with the learning rate tuned for each width by the same
budget.
"""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.weight_space.dimension import measure_dimension


def main(input, output, settings):
    write_csv(output[0], measure_dimension(read_patterns(input.patterns), **settings))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
