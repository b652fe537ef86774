"""Score one model on all adversarial images that it is confronted with, for all its seeds, re-read and checked from
their files.
"""

import pandas as pd

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.robustness.score_files import write_scores
from weightspace.robustness.scoring import score


def main(input, output, settings):
    files = iter(input.adversarial)
    for sources, model, path in zip(settings["sources"], input.models, output, strict=True):
        classifier, known, parts = load(model, sweeps=settings["sweeps"]), {}, []
        # The files come seed by seed, in the order of the seed's pairs (attack, source).
        for attack, network in sources:
            scores = score(classifier, AdversarialImages.read(next(files)), settings["threshold"], known=known)
            parts.append(scores.assign(attack=attack, network=network))
        write_scores(path, pd.concat(parts, ignore_index=True))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
