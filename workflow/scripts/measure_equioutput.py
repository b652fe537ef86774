"""Outputs of, and angles between, equioutput copies: all copies of small random networks, random copies of the trained
ones, and one example; and how far a random start lies from the nearest copy of a solution, by width.
"""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.draws import equioutput_copies, generator
from weightspace.files import write_csv, write_npz
from weightspace.logs import progress, start_log
from weightspace.model_files import model_and_seed, read_model
from weightspace.networks.architectures import Network
from weightspace.networks.gradient_steps import classification_task
from weightspace.networks.weight_layers import layers_of
from weightspace.symmetry import equioutput


def main(input, output, settings):
    data = read_patterns(input.patterns)
    patterns = data.test(slice(0, settings["patterns"]))
    networks = {model_and_seed(path)[1]: layers_of(read_model(path)[0]) for path in input.models}
    copies, nearest = [], []
    for seed, layers in progress(list(networks.items()), what="seeds"):
        drawn = generator(seed, "small networks")
        rows = equioutput.measure_small(largest=settings["units"], patterns=settings["patterns"], generator=drawn)
        chosen = {"name": settings["network"], "copies": settings["copies"], "generator": equioutput_copies(seed)}
        rows += equioutput.measure_trained(layers, patterns=patterns, **chosen)
        copies += [{"seed": seed, **row} for row in rows]
    for path in progress(list(input.further), what="further networks"):
        name, seed = model_and_seed(path)
        chosen = {"copies": settings["further_copies"], "generator": equioutput_copies(seed, name)}
        rows = equioutput.measure_network(Network.load(path), patterns, name=name, **chosen)
        copies += [{"seed": seed, **row} for row in rows]
    images, targets = classification_task(data, settings["nearest"]["images"])
    for seed in progress(list(networks), what="nearest copies, seeds"):
        drawn = generator(seed, "nearest copies")
        rows = equioutput.measure_nearest_copies(images, targets, **settings["nearest"]["training"], generator=drawn)
        nearest += [{"seed": seed, **row} for row in rows]
    write_csv(output.copies, pd.DataFrame(copies), digits=9)
    write_csv(output.nearest, pd.DataFrame(nearest), digits=9)
    shown = {"units": settings["units"], "copies": settings["copies"], "generator": generator(0, "example")}
    write_npz(output.example, **equioutput.example(networks[0], patterns, **shown), shape=data.shape)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
