"""Figure 6, a layer's weights and their copies, what copies change at the output, and how far apart they lie; barriers
between networks up to copies; and whether training keeps the order of a layer's units.
"""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.barriers import draw_barriers
from weightspace.figures.equioutput import draw_equioutput
from weightspace.figures.ordering import draw_ordering
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output):
    with style.paper():
        style.save(draw_equioutput(pd.read_csv(input.equioutput), read_npz(input.example)), *output.equioutput)
        style.save(draw_barriers(pd.read_csv(input.barriers)), *output.barriers)
        style.save(draw_ordering(pd.read_csv(input.ordering)), *output.ordering)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
