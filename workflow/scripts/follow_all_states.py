"""Train small memories of every rule, on random patterns and on shrunken digits, and follow each of their 2^N states to its attractor."""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories.small_memories import follow_small_memories

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings
    attractors = follow_small_memories(settings["rules"], read_patterns(snakemake.input.patterns), **settings["networks"])
    write_csv(snakemake.output[0], attractors)
