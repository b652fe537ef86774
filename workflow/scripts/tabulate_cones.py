"""Angles within and between the groups, angular radii, and how much of the sphere a cone and its copies fill."""

import pandas as pd

from weightspace.files import read_npz
from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.weight_space.cones import summarise


def main(input, output):
    arrays = read_npz(input[0])
    networks = pd.DataFrame(
        {name: arrays[name] for name in ("seed", "group", "labelling", "start", "patterns", "error")}
    )
    angles = {name: arrays[name] for name in ("plain", "least")}
    write_table(
        summarise(networks, **angles, dimensions=arrays["weights"].shape[1], hidden=int(arrays["hidden"])),
        *output,
    )


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
