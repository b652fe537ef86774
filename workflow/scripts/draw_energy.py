"""Figures 1 to 5: a small Hopfield network, the energy over a plane of patterns before and after learning, what
learning changed, and the path of gradient descent over the loss surface.
"""

import pandas as pd

from weightspace.figures import style
from weightspace.figures.energy_landscape import draw_energy_change, draw_landscape
from weightspace.figures.gradient_descent import draw_gradient_descent
from weightspace.figures.hopfield_network import draw_hopfield_network
from weightspace.files import read_npz
from weightspace.logs import start_log


def main(input, output, settings):
    energy = read_npz(input.energy)
    history = pd.concat([pd.read_csv(path).assign(seed=seed) for seed, path in enumerate(input.histories)])
    with style.paper():
        style.save(draw_hopfield_network(read_npz(input.network)), *output.network)
        style.save(draw_landscape(energy, "before"), *output.before)
        style.save(draw_gradient_descent(read_npz(input.descent)), *output.descent)
        style.save(draw_landscape(energy, "after"), *output.after)
        style.save(draw_energy_change(energy, history.reset_index(drop=True), **settings), *output.change)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
