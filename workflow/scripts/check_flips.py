"""Check the binary attacks: against each other on all models, and on models whose smallest numbers of flips are known."""

import pandas as pd

from weightspace.attacks.attack_checks import COLUMNS
from weightspace.attacks.flip_checks import check_outcomes, count_patterns
from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.attacks.flip_proofs import prove
from weightspace.attacks.flip_scores import FlipScores
from weightspace.attacks.flip_tables import Outcomes
from weightspace.data.patterns import read_patterns
from weightspace.data.stored import choose_stored
from weightspace.files import write_csv
from weightspace.loading import load
from weightspace.logs import start_log
from weightspace.seeding import generator

if __name__ == "__main__":
    start_log(snakemake)
    settings, data = snakemake.params.settings, read_patterns(snakemake.input.patterns)
    attacks = settings["attacks"]
    outcomes = Outcomes([FlipScores.read(path) for path in snakemake.input.scores])
    knowledge = {name: definition["knowledge"] for name, definition in attacks.items()}
    checked = count_patterns(FlippedPatterns.read(path, data) for path in snakemake.input.attacked)
    rows = check_outcomes(outcomes, knowledge, checked=checked)
    index = generator(0, "attacked test images").permutation(len(data.test_labels))[: settings["images"]]
    pool = data.train(choose_stored(data.train_labels, generator=generator(0, "stored patterns"))[: settings["pool"]])
    network = load(snakemake.input.network)
    rows += prove(network, attacks, data, index, budgets=settings["budgets"], pool=pool, generator=generator(0, "proofs of binary attacks"))
    write_csv(snakemake.output[0], pd.DataFrame(rows, columns=COLUMNS))
