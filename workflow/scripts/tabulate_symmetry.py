"""Tables of the weight space's symmetries, each over seeds: copies of networks, barriers between networks, memories
transformed, and the order of units during training. A job makes the tables that its output names.
"""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.symmetry import barriers, equioutput, hopfield_symmetry, ordering

TABLES = {
    "equioutput": lambda input: equioutput.summarise(pd.read_csv(input.copies), pd.read_csv(input.nearest)),
    "barriers": lambda input: barriers.summarise(pd.read_csv(input.barriers)),
    "hopfield_symmetry": lambda input: hopfield_symmetry.summarise(pd.read_csv(input.memories)),
    "ordering": lambda input: ordering.summarise(pd.read_csv(input.ordering)),
}


def main(input, output):
    for name, summarise in TABLES.items():
        if hasattr(output, name):
            write_table(summarise(input), *getattr(output, name))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
