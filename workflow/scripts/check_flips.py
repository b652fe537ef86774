"""Check the binary attacks: against each other on all models, and on models whose smallest numbers of flips are
known.
"""

import pandas as pd

from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.data.patterns import read_patterns
from weightspace.draws import attacked_images, generator, stored_images
from weightspace.files import write_csv
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.robustness.checks import COLUMNS
from weightspace.robustness.flip_checks import check_outcomes, count_patterns
from weightspace.robustness.flip_proofs import prove
from weightspace.robustness.flip_scores import FlipScores
from weightspace.robustness.flip_tables import FlipOutcomes


def main(input, output, settings):
    data = read_patterns(input.patterns)
    attacks = settings["attacks"]
    outcomes = FlipOutcomes([FlipScores.read(path) for path in input.scores])
    knowledge = {name: definition["knowledge"] for name, definition in attacks.items()}
    checked = count_patterns(FlippedPatterns.read(path, data) for path in input.attacked)
    rows = check_outcomes(outcomes, knowledge, checked=checked)
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
