"""Train one network with one seed or several, or give it weights that were learnt elsewhere; write its weights and its
history per epoch.
"""

import logging

from weightspace.draws import generator, initial_weights, order_of_images
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.networks import architectures, training
from weightspace.networks.given_weights import set_weights


def main(input, output, settings):
    definition = settings["definition"]
    given, test_set, shape = training.read_sets(input.images, definition["input"])
    sizes = {"shape": shape, "classes": int(given[1].max()) + 1}
    device = training.choose_device(settings["device"])
    for seed, model, history in zip(settings["seeds"], output.models, output.histories, strict=True):
        train_set = given
        if "images" in definition:
            train_set = training.first_images(given, seed=seed, count=definition["images"])
        if definition.get("labels") == "random":
            train_set = training.with_random_labels(train_set, generator=generator(seed, "random labels"))
        module = architectures.build(definition, **sizes, seed=initial_weights(seed))
        if "weights" in definition:
            set_weights(module, definition["weights"].format(seed=seed))
            rows = training.measure(module, train_set, test_set, definition["loss"], device=device)
        else:
            order = order_of_images(seed)
            rows = training.train(
                module, train_set, test_set, definition, seed=order, device=device, on_epoch=_log_epoch
            )
        write_csv(history, rows)
        description = {"definition": definition, "dataset": settings["dataset"], "seed": seed, **sizes}
        architectures.Network(module, description).save(model)


def _log_epoch(row):
    logging.info("epoch %d: training loss %.4f, test error %.4f", row["epoch"], row["train_loss"], row["test_error"])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
