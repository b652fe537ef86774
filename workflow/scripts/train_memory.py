"""Train one memory for all seeds; write its weights, its stored patterns and its history per pass."""

import logging

from weightspace.data.patterns import read_patterns
from weightspace.draws import checked_bits, stored_images
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories import learning_rules


def main(input, output, settings):
    data = read_patterns(input.patterns)
    definition = settings["definition"]
    for seed, (model, history) in enumerate(zip(output.models, output.histories, strict=True)):
        index = stored_images(data.train_labels, seed)[: definition["patterns"]]
        trained = learning_rules.train(
            data.train(index),
            data.train_labels[index],
            index,
            definition,
            generator=checked_bits(seed),
            description={"dataset": settings["dataset"], "seed": seed},
        )
        certificate = trained.certificate
        logging.info("seed %d: %d passes; %s", seed, len(trained.history) - 1, certificate)
        if not certificate.certified:
            logging.warning(
                "seed %d: %d of %d single flips do not raise the energy enough",
                seed,
                certificate.violations,
                certificate.flips,
            )
        write_csv(history, trained.history)
        trained.memory.save(model)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
