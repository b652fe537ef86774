"""Tables of retrieval, each over seeds: capacity with the shares by load behind it, basins, attractors, and how recall
goes.

Each is made of all files that were measured; where these are of memories, each bears the name of its memory. A job
makes the tables that its output names.
"""

from weightspace.files import read_parts
from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.retrieval import attractors, basins, capacity_tables, dynamics, nearest_pattern

TABLES = {
    "capacity": lambda parts, settings: capacity_tables.summarise_capacity(parts, settings["rules"]),
    "capacity_shares": lambda parts, settings: capacity_tables.summarise_shares(parts),
    "basins": lambda parts, settings: basins.summarise(parts),
    "nearest_pattern": lambda parts, settings: nearest_pattern.summarise(parts),
    "attractors": lambda parts, settings: attractors.summarise(parts),
    "recall_dynamics": lambda parts, settings: dynamics.summarise(parts),
}


def main(input, output, settings):
    parts = read_parts(input.measured, name="memory")
    for name, summarise in TABLES.items():
        if hasattr(output, name):
            write_table(summarise(parts, settings), *getattr(output, name))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
