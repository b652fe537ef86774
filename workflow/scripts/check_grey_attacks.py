"""Check attacks on grey images: on models of which the truth is known, on each network with more steps, restarts and no
limit; and their files and scores: threat models, budgets, and what must mislead at least as many images as what.
"""

from pathlib import Path

import pandas as pd

from weightspace.files import write_csv
from weightspace.logs import start_log
from weightspace.networks.architectures import Network
from weightspace.robustness.checks import COLUMNS
from weightspace.robustness.grey_checks import check_image_files, check_score_files
from weightspace.robustness.probes import probe_attacks


def main(input, output, settings):
    networks = {Path(path).parent.name: Network.load(path) for path in input.models}
    rows = probe_attacks(networks, Path(input.raw[0]).parent, settings)
    rows += check_image_files(input.adversarial, settings["definitions"])
    rows += check_score_files([*input.own, *input.transferred], settings["definitions"])
    write_csv(output[0], pd.DataFrame(rows, columns=COLUMNS))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
