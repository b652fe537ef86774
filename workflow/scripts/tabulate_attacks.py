"""Error of each network under the attacks made against it, by budget, over seeds, and the smallest budgets that succeed."""

from pathlib import Path

import pandas as pd

from weightspace.attacks.robustness import count_network, smallest_budgets, tabulate, tabulate_smallest
from weightspace.attacks.score_files import read_scores
from weightspace.logs import start_log
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    noises, counts, smallest = snakemake.params.settings["noises"], [], []
    for path in map(Path, snakemake.input):
        network, scores = path.parent.name, read_scores(path)
        counts.append(count_network(scores, network, noises).assign(seed=path.stem))
        smallest.append((network, smallest_budgets(scores, network)))
    write_table(tabulate(pd.concat(counts, ignore_index=True)), *snakemake.output[:2])
    write_table(tabulate_smallest(smallest), *snakemake.output[2:])
