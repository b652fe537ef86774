"""Train small memories of every rule, on random patterns and on shrunken digits, and follow each of their 2^N states to
its attractor.
"""

from weightspace.data.patterns import read_patterns
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.retrieval.small_memories import follow_small_memories


def main(input, output, settings):
    attractors = follow_small_memories(settings["rules"], read_patterns(input.patterns), **settings["networks"])
    write_csv(output[0], attractors)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
