"""Angles within and between the groups, angular radii, and how much of the sphere a cone and its copies fill."""

import pandas as pd

from weightspace.cones import summarise
from weightspace.files import read_npz
from weightspace.logs import start_log
from weightspace.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    arrays = read_npz(snakemake.input[0])
    networks = pd.DataFrame({name: arrays[name] for name in ("seed", "group", "labelling", "start", "patterns", "error")})
    angles = {name: arrays[name] for name in ("plain", "least")}
    write_table(summarise(networks, **angles, dimensions=arrays["weights"].shape[1], hidden=int(arrays["hidden"])), *snakemake.output)
