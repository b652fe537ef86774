"""Make one control for all its seeds: the stored images of the nearest-neighbour classifier."""

from weightspace.data.patterns import read_patterns
from weightspace.data.stored import choose_stored
from weightspace.logs import start_log
from weightspace.memories.nearest_neighbour import NearestNeighbour
from weightspace.seeding import generator

if __name__ == "__main__":
    start_log(snakemake)
    settings, data = snakemake.params.settings, read_patterns(snakemake.input.patterns)
    for seed, path in enumerate(snakemake.output):
        index = choose_stored(data.train_labels, generator=generator(seed, "stored patterns"))[: settings["definition"]["patterns"]]
        NearestNeighbour(data.train(index), data.train_labels[index], index, {"dataset": settings["dataset"], "seed": seed}).save(path)
