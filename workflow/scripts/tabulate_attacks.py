"""Error of each network under the attacks made against it, by budget, over seeds."""

from pathlib import Path

import pandas as pd

from weightspace.files import read_columns
from weightspace.logs import start_log
from weightspace.robustness import seed_errors, summarise
from weightspace.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    parts = []
    for path in map(Path, snakemake.input):
        network, scores = path.parent.name, read_columns(path)
        parts.append(seed_errors(scores[scores.network == network]).assign(network=network, seed=path.stem))
    write_table(summarise(pd.concat(parts, ignore_index=True)), *snakemake.output)
