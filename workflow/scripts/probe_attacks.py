"""Probe the attacks: on a linear model, on one without gradients, and on each network with more steps, restarts and no
limit.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from weightspace.attacks.grey_attacks import frozen
from weightspace.data.raw import read_grey, read_labels
from weightspace.draws import seed_for
from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.networks.architectures import Network, scaled_grey
from weightspace.robustness.checks import COLUMNS
from weightspace.robustness.probes import probe_linear, probe_masked, probe_network


def main(input, output, settings):
    raw = Path(input.raw[0]).parent
    grey, labels = (
        read_grey(raw, "test", slice(0, settings["images"])),
        read_labels(raw, "test")[: settings["images"]].astype(np.int64),
    )
    seed = seed_for(0, "probes of attacks")
    rows = probe_linear(settings["definitions"], seed=seed)
    for name, path in zip(settings["networks"], input.models, strict=True):
        network = Network.load(path)
        right = network.predict(scaled_grey(grey)) == labels
        rows += probe_network(
            name,
            frozen(network.module),
            grey[right],
            labels[right],
            settings["definitions"][settings["probed"]],
            seed=seed,
        )
        if name == settings["networks"][0]:
            masking = {attack: settings["definitions"][attack] for attack in settings["against_masking"]}
            rows += probe_masked(frozen(network.module), grey[right], labels[right], masking, seed=seed)
    write_csv(output[0], pd.DataFrame(rows, columns=COLUMNS))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
