"""How equal the outputs of equioutput copies are, how far apart the copies lie, and how near the nearest one is, over
seeds.
"""

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.symmetry.equioutput import summarise


def main(input, output):
    copies, further, nearest = (pd.read_csv(input[name]) for name in ("copies", "further", "nearest"))
    write_table(summarise(pd.concat([copies, further], ignore_index=True), nearest), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
