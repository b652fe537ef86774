"""Steps of gradient descent to a given loss by width, with the learning rate tuned for each width by the same budget."""

from weightspace.dimension import measure_dimension
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.patterns import read_patterns

if __name__ == "__main__":
    start_log(snakemake)
    write_csv(snakemake.output[0], measure_dimension(read_patterns(snakemake.input.patterns), **snakemake.params.settings))
