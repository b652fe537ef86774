"""Angles between weights learnt from P_t, P_g and P_a + P_r, as they stand and up to equioutput copies."""

import pandas as pd

from weightspace.figures.angles import draw_angles
from weightspace.logs import start_log
from weightspace.style import save

if __name__ == "__main__":
    start_log(snakemake)
    save(draw_angles(pd.read_csv(snakemake.input[0])), *snakemake.output)
