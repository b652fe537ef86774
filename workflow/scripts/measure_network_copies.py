"""Outputs of random copies of further trained networks, of any feed-forward architecture, for all their seeds."""

from pathlib import Path

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.draws import equioutput_copies
from weightspace.files import write_csv
from weightspace.logs import progress, start_log
from weightspace.symmetry.network_copies import measure_network


def main(input, output, settings):
    rows = []
    patterns = read_patterns(input.patterns).test(slice(0, settings["patterns"]))
    for path in progress(list(map(Path, input.models)), what="networks"):
        name, seed = path.parent.name, int(path.stem.removeprefix("seed"))
        drawn = equioutput_copies(seed, name)
        found = measure_network(path, patterns, name=name, copies=settings["further_copies"], generator=drawn)
        rows += [{"seed": seed, **row} for row in found]
    write_csv(output[0], pd.DataFrame(rows), digits=9)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
