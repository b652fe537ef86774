"""Learn one trained dense memory with one seed; write its hidden memories and its history per epoch."""

import logging

from weightspace.data.patterns import read_patterns
from weightspace.draws import generator
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories import dense_training


def main(input, output, settings, seed):
    data = read_patterns(input.patterns)
    memory, history = dense_training.train(
        data.train(),
        data.train_labels,
        settings["definition"],
        generator=generator(seed, "hidden memories"),
        description={"dataset": settings["dataset"], "seed": seed},
    )
    test_loss, test_error = dense_training.evaluate(memory, data.test(), data.test_labels)
    logging.info("test error %.4f", test_error)
    # Only of the trained memory; what comes before is learning.
    history.loc[history.index[-1], ["test_loss", "test_error"]] = test_loss, test_error
    write_csv(output.history, history)
    memory.save(output.model)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, int(snakemake.wildcards.seed))
