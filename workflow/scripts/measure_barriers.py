"""Barriers between networks of each two seeds: of trained networks, and of small ones by width and by how long they
were trained.
"""

from pathlib import Path

import pandas as pd

from weightspace.data.patterns import read_patterns
from weightspace.data.raw_files import read_grey
from weightspace.files import write_csv
from weightspace.logs import progress, start_log
from weightspace.model_files import model_and_seed
from weightspace.networks.architectures import Network, scaled_grey
from weightspace.networks.gradient_steps import classification_task
from weightspace.symmetry import barriers


def main(input, output, settings):
    data, first = read_patterns(input.patterns), slice(0, settings["images"])
    networks = {}
    for path in input.models:
        networks.setdefault(model_and_seed(path)[0], []).append(Network.load(path))
    rows = []
    for name, members in progress(list(networks.items()), what="networks"):
        if members[0].description["definition"]["input"] == "grey":
            images = scaled_grey(read_grey(Path(input.raw[0]).parent, "test")[first])
        else:
            images = data.test(first)
        found = barriers.measure_networks(members, images, data.test_labels[first], points=settings["points"])
        rows += [{"weights": name, **row} for row in found]
    small = settings["small"]
    task = classification_task(data, small["patterns"])
    few = slice(0, small["images"])
    tests = data.test(few).astype(float), data.test_labels[few]
    rows += barriers.measure_small(*task, tests, points=settings["points"], **small["trained"])
    write_csv(output[0], pd.DataFrame(rows), digits=9)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
