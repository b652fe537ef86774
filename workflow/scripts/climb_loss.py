"""Drive the weights of one network up the training loss, all seeds, and compare their answers with those to adversarial
images.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.draws import generator, seed_for
from weightspace.logs import start_log
from weightspace.networks.architectures import Network
from weightspace.networks.training_data import read_binary, read_scaled_grey
from weightspace.report.tables import write_table
from weightspace.robustness.loss_ascent import agreement, climb, moved_at_random, summarise


def main(input, output, settings):
    paths, rows = input, []
    binary = settings["input"] == "binary"
    (images, labels), _ = read_binary(paths.training) if binary else read_scaled_grey(Path(paths.training[0]).parent)
    for seed, (model, attacked, noisy) in enumerate(zip(paths.models, paths.adversarial, paths.noise, strict=True)):
        network = Network.load(model)
        files = AdversarialImages.read(attacked), AdversarialImages.read(noisy)
        count = len(files[1].label)  # noise is added to test images only, which come first
        chosen = generator(seed, "climbed images").permutation(len(labels))[: settings["images"]]
        for until in settings["until"]:
            climbed, distance = climb(
                network.module, images[chosen], labels[chosen], settings["loss"], step=settings["step"], until=until
            )
            moved = moved_at_random(network.module, distance, seed=seed_for(seed, "random direction", until))
            place = [int(np.flatnonzero(np.isclose(file.budget, settings["budget"]))[0]) for file in files]
            shown = {"clean": files[1].clean, "noise": files[1].adversarial[place[1]], "label": files[1].label}
            shown["adversarial"] = files[0].adversarial[place[0]][:count]
            found = agreement(
                network, climbed, moved, shown, generator=generator(seed, "other images of a class", until)
            )
            rows.append(
                {"network": settings["network"], "training_error": until, "seed": seed, "distance": distance, **found}
            )
    write_table(summarise(pd.DataFrame(rows), ["network", "training_error"]), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
