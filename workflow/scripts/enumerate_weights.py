"""Visit all binary weights of small networks and all binary matrices of small memories; volumes of single real-valued rows."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.weight_space.weight_partition import measure_rows, partition_binary_weights, partition_memories

if __name__ == "__main__":
    start_log(snakemake)
    settings, data = snakemake.params.settings, read_patterns(snakemake.input.patterns)
    write_csv(snakemake.output.binary, partition_binary_weights(data, **settings["binary_weights"]))
    write_csv(snakemake.output.matrices, partition_memories(data, **settings["matrices"]))
    write_csv(snakemake.output.rows, measure_rows(**settings["rows"]), digits=12)
