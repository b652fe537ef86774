"""Check the binary attacks: against each other on all models, and on models whose smallest numbers of flips are
known.
"""

import pandas as pd

from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.attacks.flip_searches import CleanAnswers, FlipSearches
from weightspace.data.patterns import read_patterns
from weightspace.draws import attacked_images, generator, stored_images
from weightspace.files import write_csv
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.robustness.checks import COLUMNS
from weightspace.robustness.flip_checks import check_outcomes, check_searches, count_patterns
from weightspace.robustness.flip_comparisons import Searched
from weightspace.robustness.flip_proofs import prove
from weightspace.robustness.flip_scores import FlipScores
from weightspace.robustness.flip_tables import FlipOutcomes


def main(input, output, settings):
    data = read_patterns(input.patterns)
    attacks = settings["attacks"]
    outcomes = FlipOutcomes([FlipScores.read(path) for path in input.scores])
    knowledge = {name: definition["knowledge"] for name, definition in attacks.items()}
    checked = count_patterns(FlippedPatterns.read(path, data) for path in input.attacked)
    files = zip(settings["models"], input.searches, strict=True)
    searches = {name: FlipSearches.read(path, data) for name, path in files}
    searched = Searched(CleanAnswers.read(input.answers), searches, largest=settings["largest"])
    rows = check_outcomes(outcomes, knowledge, checked=checked, classes=data.classes)
    rows += check_searches(searched, outcomes)
    index = attacked_images(len(data.test_labels), 0)[: settings["images"]]
    pool = data.train(stored_images(data.train_labels, 0)[: settings["pool"]])
    network = load(input.network)
    rows += prove(
        network,
        attacks,
        data,
        index,
        budgets=settings["budgets"],
        pool=pool,
        generator=generator(0, "proofs of binary attacks"),
    )
    write_csv(output[0], pd.DataFrame(rows, columns=COLUMNS))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
