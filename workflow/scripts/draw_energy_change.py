"""Figure 5: what learning does to the energy, over the plane and around the stored patterns."""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.energy_landscape import draw_energy_change
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output, settings):
    paths = input.histories
    history = pd.concat([pd.read_csv(path).assign(seed=seed) for seed, path in enumerate(paths)], ignore_index=True)
    with style.paper():
        style.save(draw_energy_change(read_npz(input.landscape), history, **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
