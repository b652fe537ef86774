"""Store grey images in one continuous memory for all seeds, and choose its β on others; write the memory, and the error
by β.
"""

import logging
from pathlib import Path

from weightspace.data.raw_files import read_grey, read_labels
from weightspace.draws import stored_images
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.memories import continuous


def main(input, output, settings):
    raw, definition = Path(input.raw[0]).parent, settings["definition"]
    grey, labels = read_grey(raw, "train"), read_labels(raw, "train")
    for seed, (model, history) in enumerate(zip(output.models, output.histories, strict=True)):
        index = stored_images(labels, seed)[: definition["images"] + definition["validation"]]
        memory, errors = continuous.train(
            grey[index],
            labels[index],
            index,
            definition,
            threshold=settings["threshold"],
            description={"dataset": settings["dataset"], "seed": seed},
        )
        logging.info("seed %d: beta %g, validation error %.4f", seed, memory.beta, errors["validation_error"].min())
        write_csv(history, errors)
        memory.save(model)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
