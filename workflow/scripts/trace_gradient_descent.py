"""Train a network once more, keep its weights along the way, and map the loss on the plane of the path's two main
directions.
"""

from weightspace.files import write_npz
from weightspace.logs import start_log
from weightspace.networks.training import read_sets
from weightspace.weight_space.descent_path import trace_descent


def main(input, output, settings):
    seed, definition = 0, settings["definition"]
    *sets, shape = read_sets(input.images, definition["input"])
    sizes = {key: settings[key] for key in ("snapshots", "points", "images")}
    traced = trace_descent(*sets, definition, shape=shape, **sizes, seed=seed)
    write_npz(output[0], **traced, network=settings["network"], seed=seed)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
