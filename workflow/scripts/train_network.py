"""Train one network with one seed or several; write its weights and its history per epoch."""

import logging
from pathlib import Path

from weightspace.draws import generator, initial_weights, order_of_images
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.networks import architectures, training
from weightspace.networks.training_data import read_binary, read_scaled_grey, with_random_labels


def main(input, output, settings):
    source = input[0]
    definition, seeds = settings["definition"], settings["seeds"]
    given, test_set = read_binary(source) if definition["input"] == "binary" else read_scaled_grey(Path(source).parent)
    sizes = {"inputs": given[0].shape[1], "classes": int(given[1].max()) + 1}
    # The outputs are the models of all seeds, then their histories.
    for seed, model_path, history_path in zip(seeds, output[: len(seeds)], output[len(seeds) :], strict=True):
        train_set = (
            with_random_labels(given, generator=generator(seed, "random labels"))
            if definition["labels"] == "random"
            else given
        )
        module = architectures.build(definition, **sizes, seed=initial_weights(seed))
        history = training.train(
            module,
            train_set,
            test_set,
            definition,
            seed=order_of_images(seed),
            device=training.choose_device(settings["device"]),
            on_epoch=lambda row: logging.info(
                "epoch %d: training loss %.4f, test error %.4f", row["epoch"], row["train_loss"], row["test_error"]
            ),
        )
        write_csv(history_path, history)
        architectures.Network(
            module, {"definition": definition, "dataset": settings["dataset"], "seed": seed, **sizes}
        ).save(model_path)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
