"""Score one model with one seed on all adversarial images of that seed, re-read and checked from their files."""

import pandas as pd

from weightspace.adversarial_files import AdversarialImages
from weightspace.files import write_columns
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.scoring import score

if __name__ == "__main__":
    start_log(snakemake)
    settings = snakemake.params.settings
    classifier = load(snakemake.input.model, sweeps=settings["sweeps"])
    parts = []
    # The files come in the order of the pairs (attack, network).
    for (attack, network), path in zip(settings["sources"], snakemake.input.adversarial, strict=True):
        scores = score(classifier, AdversarialImages.read(path), settings["threshold"])
        parts.append(scores.assign(attack=attack, network=network))
    write_columns(snakemake.output[0], pd.concat(parts, ignore_index=True))
