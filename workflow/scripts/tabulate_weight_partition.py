"""Exact shares of the classes among binary weights and binary matrices, and the volume of a real-valued row, over
seeds.
"""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.weight_space.partition import summarise_binary_weights, summarise_memories


def main(input, output):
    binary, matrices, rows = (pd.read_csv(input[name]) for name in ("binary", "matrices", "rows"))
    write_table(summarise_binary_weights(binary), *output.weights)
    write_table(summarise_memories(matrices, rows), *output.memories)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
