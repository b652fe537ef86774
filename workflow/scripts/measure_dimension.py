"""Steps of gradient descent to a given loss by width, with the learning rate tuned for each width by the same budget."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.weight_space.dimension import measure_dimension

if __name__ == "__main__":
    start_log(snakemake)
    write_csv(snakemake.output[0], measure_dimension(read_patterns(snakemake.input.patterns), **snakemake.params.settings))
