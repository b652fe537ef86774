"""Search for the fewest flips that mislead one model, on the images that were chosen for it, all seeds."""

import logging

from weightspace.attacks.composed_models import build
from weightspace.attacks.flip_searches import CleanAnswers, collect
from weightspace.attacks.portfolio import search
from weightspace.attacks.surrogates import as_attacked
from weightspace.data.patterns import read_patterns
from weightspace.draws import generator, stored_images
from weightspace.logs import start_log
from weightspace.model_files import paths_by_seed


def main(input, output, settings, flipped):
    data, answers = read_patterns(input.patterns), CleanAnswers.read(input.answers)
    paths = paths_by_seed(input.models)
    attacked = answers.chosen(flipped, settings["pairs"], images=settings["images"], others=settings["others"])
    traces = []
    for seed, chosen in enumerate(attacked):
        model = build(settings["model"], seed=seed, data=data, paths=paths.get(seed, {}), sweeps=settings["sweeps"])
        index = answers.index[seed, chosen]
        trace = search(
            as_attacked(model, settings["surrogates"], data.classes),
            data.test(index),
            data.test_labels[index],
            data.train(stored_images(data.train_labels, seed)[: settings["pool"]]),
            queries=settings["queries"],
            largest=settings["largest"],
            candidates=settings["candidates"],
            generator=generator(seed, "search of flips", flipped),
        )
        logging.info("seed %d: %d of %d images misled", seed, int((trace.flips[-1] > 0).sum()), len(index))
        traces.append(trace)
    collect(answers.index, attacked, traces, data).write(output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings, snakemake.wildcards.flipped)
