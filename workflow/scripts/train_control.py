"""Make one control for all its seeds: the stored images of the nearest-neighbour classifier."""

from weightspace.data.patterns import read_patterns
from weightspace.draws import stored_images
from weightspace.logs import start_log
from weightspace.memories.nearest_neighbour import NearestNeighbour


def main(input, output, settings):
    data = read_patterns(input.patterns)
    for seed, path in enumerate(output.models):
        index = stored_images(data.train_labels, seed)[: settings["definition"]["patterns"]]
        description = {"dataset": settings["dataset"], "seed": seed}
        NearestNeighbour(data.train(index), data.train_labels[index], index, description).save(path)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
