"""Train one memory with one seed; write its weights, its stored patterns and its history per pass."""

import logging

from weightspace import memory_rules
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.patterns import read_patterns
from weightspace.seeding import generator
from weightspace.stored import choose_stored

if __name__ == "__main__":
    start_log(snakemake)
    settings, seed = snakemake.params.settings, int(snakemake.wildcards.seed)
    definition, data = settings["definition"], read_patterns(snakemake.input.patterns)
    index = choose_stored(data.train_labels, generator=generator(seed, "stored patterns"))[: definition.get("patterns")]
    trained = memory_rules.train(
        data.train(index),
        data.train_labels[index],
        index,
        definition,
        generator=generator(seed, "checked bits"),
        description={"dataset": settings["dataset"], "seed": seed},
    )
    certificate = trained.certificate
    logging.info("%d passes; %s", len(trained.history) - 1, certificate)
    if certificate is not None and not certificate.certified:
        logging.warning("%d of %d single flips do not raise the energy enough: not certified", certificate.violations, certificate.flips)
    write_csv(snakemake.output.history, trained.history)
    trained.memory.save(snakemake.output.model)
