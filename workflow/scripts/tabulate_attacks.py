"""Error of each network under the attacks made against it, by budget, over seeds, and the smallest budgets that
succeed.
"""

from pathlib import Path

import pandas as pd

from weightspace.logs import start_log
from weightspace.report.tables import write_table
from weightspace.robustness.error_by_budget import count_network, smallest_budgets, tabulate, tabulate_smallest
from weightspace.robustness.score_files import read_scores


def main(input, output, settings):
    noises, counts, smallest = settings["noises"], [], []
    for path in map(Path, input):
        network, scores = path.parent.name, read_scores(path)
        counts.append(count_network(scores, network, noises).assign(seed=path.stem))
        smallest.append((network, smallest_budgets(scores, network)))
    write_table(tabulate(pd.concat(counts, ignore_index=True)), *output[:2])
    write_table(tabulate_smallest(smallest), *output[2:])


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
