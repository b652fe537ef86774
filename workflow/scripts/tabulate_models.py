"""Final loss and error on training and test images of all models that are learnt by gradient, over seeds."""

from pathlib import Path

import pandas as pd

from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.logs import start_log
from weightspace.report.tables import write_table


def main(input, output):
    last = pd.DataFrame([{"network": Path(path).parent.name, **pd.read_csv(path).iloc[-1]} for path in input.histories])
    write_table(estimates_by(["network"], last, _quantities, sort=True), *output)


def _quantities(seeds):
    for quantity in ("train_loss", "train_error", "test_loss", "test_error"):
        estimate = mean_over_seeds(seeds[quantity], n=len(seeds), bounds=(0.0, float("inf")))
        yield {"quantity": quantity, **vars(estimate)}


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
