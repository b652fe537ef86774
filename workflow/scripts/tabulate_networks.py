"""Final loss and error of each network on training and test images, over seeds."""

from pathlib import Path

import pandas as pd

from weightspace.estimates import mean_over_seeds
from weightspace.logs import start_log
from weightspace.report.tables import write_table


def main(input, output):
    last = pd.DataFrame([{"network": Path(path).parent.name, **pd.read_csv(path).iloc[-1]} for path in input])
    rows = [
        {
            "network": network,
            "quantity": quantity,
            **vars(mean_over_seeds(seeds[quantity], n=len(seeds), bounds=(0, float("inf")))),
        }
        for network, seeds in last.groupby("network", sort=True)
        for quantity in ("train_loss", "train_error", "test_loss", "test_error")
    ]
    write_table(pd.DataFrame(rows), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
