"""Check files and scores of attacks on networks: threat models, budgets, and what must mislead at least as many images
as what.
"""

import pandas as pd

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.robustness.checks import COLUMNS, check_images, check_scores, pooled
from weightspace.robustness.paired_outcomes import Outcomes
from weightspace.robustness.score_files import read_scores


def main(input, output, settings):
    files = (
        (*pair, AdversarialImages.read(path)) for pair, path in zip(settings["files"], input.adversarial, strict=True)
    )
    rows, networks = check_images(files, minimal=settings["minimal"]), settings["networks"]
    for place, target in enumerate(networks):
        own = input.scores[place * settings["seeds"] : (place + 1) * settings["seeds"]]
        wrong = pooled([Outcomes(read_scores(path)) for path in own])
        others = [source for source in networks if source != target]
        rows += check_scores(wrong, settings["definitions"], sources={"target": target, "others": others})
    write_csv(output[0], pd.DataFrame(rows, columns=COLUMNS))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
