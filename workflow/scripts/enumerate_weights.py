"""Visit all binary weights of small networks and all binary matrices of small memories; volumes of single real-valued
rows.
"""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.weight_space.binary_weights import partition_binary_weights
from weightspace.weight_space.memory_weights import measure_rows, partition_memories


def main(input, output, settings):
    data = read_patterns(input.patterns)
    write_csv(output.binary, partition_binary_weights(data, **settings["binary_weights"]))
    write_csv(output.matrices, partition_memories(data, **settings["matrices"]))
    write_csv(output.rows, measure_rows(**settings["rows"]), digits=12)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
