"""Train one memory with one seed; write its weights, its stored patterns and its history per pass."""

import logging

from weightspace import memory_rules
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memory import Memory
from weightspace.patterns import read_patterns
from weightspace.seeding import generator
from weightspace.stored import choose_stored

if __name__ == "__main__":
    start_log(snakemake)
    settings, seed = snakemake.params.settings, int(snakemake.wildcards.seed)
    definition, data = settings["definition"], read_patterns(snakemake.input.patterns)
    index = choose_stored(data.train_labels, generator=generator(seed, "stored patterns"))[: definition["patterns"]]
    patterns = data.train(index)
    weights, history, certificate = memory_rules.learn(patterns, definition, generator=generator(seed, "checked bits"))
    logging.info("%d passes; %s", len(history) - 1, certificate)
    if not certificate.certified:
        logging.warning("%d of %d single flips do not raise the energy enough: not certified", certificate.violations, certificate.flips)
    write_csv(snakemake.output.history, history)
    description = {"definition": definition, "dataset": settings["dataset"], "seed": seed, "certified": certificate.certified}
    Memory(weights, patterns, data.train_labels[index], index, description).save(snakemake.output.model)
