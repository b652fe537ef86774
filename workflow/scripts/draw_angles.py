"""Angles between weights learnt from P_t, P_g and P_a + P_r, as they stand and up to equioutput copies."""

import pandas as pd

from weightspace.figures.angles import draw_angles
from weightspace.figures.style import save
from weightspace.logs import start_log


def main(input, output):
    save(draw_angles(pd.read_csv(input[0])), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
