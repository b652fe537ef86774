"""Outputs of, and angles between, equioutput copies: all copies of small random networks, random copies of the trained
ones, and one example.
"""

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.draws import equioutput_copies, generator
from weightspace.files import write_csv, write_npz
from weightspace.logs import progress, start_log
from weightspace.model_files import read_model
from weightspace.networks.weight_layers import layers_of
from weightspace.symmetry import equioutput


def main(input, output, settings):
    rows = []
    data = read_patterns(input.patterns)
    patterns = data.test(slice(0, settings["patterns"]))
    networks = [layers_of(read_model(path)[0]) for path in input.models]
    for seed, layers in enumerate(progress(networks, what="seeds")):
        small = equioutput.measure_small(
            largest=settings["units"], patterns=settings["patterns"], generator=generator(seed, "small networks")
        )
        copies = {"name": settings["network"], "copies": settings["copies"], "generator": equioutput_copies(seed)}
        rows += [
            {"seed": seed, **row} for row in small + equioutput.measure_trained(layers, patterns=patterns, **copies)
        ]
    write_csv(output.rows, pd.DataFrame(rows), digits=9)
    shown = {"units": settings["units"], "copies": settings["copies"], "generator": generator(0, "example")}
    write_npz(output.example, **equioutput.example(networks[0], patterns, **shown), shape=data.shape)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
