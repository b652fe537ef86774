"""Energies over a plane of patterns through three stored images, before and after learning."""

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator
from weightspace.files import write_npz
from weightspace.logs import start_log
from weightspace.memories.loading import load_memory
from weightspace.retrieval.landscape import map_landscape


def main(input, output, settings):
    memory = load_memory(input.model)
    data = map_landscape(memory, steps=settings["steps"], generator=generator(0, "order of flips"))
    shape = read_patterns(input.patterns).shape
    data["images"] = data["images"].reshape(-1, *shape)
    write_npz(output[0], **data, margin=settings["margin"], memory=settings["memory"], seed=0)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
