"""Train one network with one seed; write its weights and its history per epoch."""

import logging
from pathlib import Path

from weightspace import networks, training
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.seeding import generator, seed_for
from weightspace.training_data import read_binary, read_scaled_grey, with_random_labels

if __name__ == "__main__":
    start_log(snakemake)
    settings, seed = snakemake.params.settings, int(snakemake.wildcards.seed)
    definition, source = settings["definition"], snakemake.input[0]
    train_set, test_set = read_binary(source) if definition["input"] == "binary" else read_scaled_grey(Path(source).parent)
    if definition["labels"] == "random":
        train_set = with_random_labels(train_set, generator=generator(seed, "random labels"))
    sizes = {"inputs": train_set[0].shape[1], "classes": int(train_set[1].max()) + 1}
    module = networks.build(definition, **sizes, seed=seed_for(seed, "initial weights"))
    history = training.train(
        module,
        train_set,
        test_set,
        definition,
        seed=seed_for(seed, "order of images"),
        device=training.choose_device(settings["device"]),
        on_epoch=lambda row: logging.info("epoch %d: training loss %.4f, test error %.4f", row["epoch"], row["train_loss"], row["test_error"]),
    )
    write_csv(snakemake.output.history, history)
    description = {"definition": definition, "dataset": settings["dataset"], "seed": seed, **sizes}
    networks.Network(module, description).save(snakemake.output.model)
