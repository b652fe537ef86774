"""The report's paragraph on attacks."""

import pandas as pd

from weightspace.attacks.attack_findings import paragraph
from weightspace.files import write_text
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    tables = pd.read_csv(snakemake.input.transfer), pd.read_csv(snakemake.input.experiment)
    write_text(snakemake.output[0], paragraph(*tables, **snakemake.params.settings))
