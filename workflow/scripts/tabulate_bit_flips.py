"""Error by number of flipped bits, smallest numbers of flips, transfer, and the differences that claims are decided
from.
"""

import pandas as pd

from weightspace.attacks.flip_searches import CleanAnswers, FlipSearches
from weightspace.data.patterns import read_patterns
from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.robustness.flip_comparisons import Searched, compare, tabulate_strength
from weightspace.robustness.flip_scores import FlipScores
from weightspace.robustness.flip_tables import (
    FlipOutcomes,
    tabulate_differences,
    tabulate_flips,
    tabulate_minimal_flips,
    tabulate_transfer,
)


def main(input, output, settings):
    outcomes = FlipOutcomes([FlipScores.read(path) for path in input.scores])
    data, answers = read_patterns(input.patterns), CleanAnswers.read(input.answers)
    files = zip(settings["models"], input.searches, strict=True)
    searches = {name: FlipSearches.read(path, data) for name, path in files}
    searched = Searched(answers, searches, largest=settings["largest"])
    differences = tabulate_differences(outcomes, settings["pairs"], settings["source"])
    chosen = {key: settings[key] for key in ("decided", "images")}
    under_portfolio = pd.DataFrame(compare(searched, settings["pairs"], settings["budgets"], **chosen))
    differences = pd.concat([differences, under_portfolio], ignore_index=True)
    write_table(tabulate_flips(outcomes, settings["knowledge"]), *output.flips)
    write_table(tabulate_minimal_flips(outcomes), *output.minimal)
    write_table(tabulate_transfer(outcomes), *output.transfer)
    write_table(differences, *output.differences)
    write_table(tabulate_strength(searched), *output.strength)
    write_table(differences[differences.comparison == "recall_then_classify"], *output.purification)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
