"""Score one model on all adversarial images that it is confronted with, for all its seeds, re-read and checked from
their files.
"""

from weightspace.files import seed_of
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.robustness.scoring import score_files, write_scores


def main(input, output, settings):
    models = {seed_of(path): path for path in input.models}
    for path in output:
        seed = seed_of(path)
        classifier = load(models[seed], sweeps=settings["sweeps"])
        images = [file for file in input.adversarial if seed_of(file) == seed]
        write_scores(path, score_files(classifier, images, settings["threshold"]))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
