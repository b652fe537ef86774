"""Clean answers of all models of the binary domain to the same test images, by which images are chosen for the
attack.
"""

import numpy as np

from weightspace.attacks.composed_models import build
from weightspace.attacks.flip_searches import CleanAnswers
from weightspace.data.patterns import read_patterns
from weightspace.draws import attacked_images
from weightspace.logs import start_log
from weightspace.model_files import paths_by_seed


def main(input, output, settings):
    data, seeds = read_patterns(input.patterns), range(settings["seeds"])
    paths = paths_by_seed(input.models)
    index = np.stack([attacked_images(len(data.test_labels), seed)[: settings["among"]] for seed in seeds])
    wrong = np.empty((len(settings["models"]), *index.shape), dtype=np.bool_)
    for seed, chosen in enumerate(index):
        clean, labels = data.test(chosen), data.test_labels[chosen]
        for place, definition in enumerate(settings["models"].values()):
            model = build(definition, seed=seed, data=data, paths=paths.get(seed, {}), sweeps=settings["sweeps"])
            wrong[place, seed] = model.predict(clean) != labels
    CleanAnswers(index, np.array(list(settings["models"])), wrong).write(output[0])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
