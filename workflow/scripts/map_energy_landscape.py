"""Energies over a plane of patterns through three stored images, before and after learning."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_npz
from weightspace.logs import start_log
from weightspace.memories.landscape import map_landscape
from weightspace.memories.memory_loading import load_memory
from weightspace.seeding import generator

if __name__ == "__main__":
    start_log(snakemake)
    settings, memory = snakemake.params.settings, load_memory(snakemake.input.model)
    data = map_landscape(memory, steps=settings["steps"], generator=generator(0, "order of flips"))
    shape = read_patterns(snakemake.input.patterns).shape
    data["images"] = data["images"].reshape(-1, *shape)
    write_npz(snakemake.output[0], **data, margin=settings["margin"], memory=settings["memory"], seed=0)
