"""The paragraph on the weight space's symmetries for the report's first page."""

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.symmetry.symmetry_findings import paragraph

if __name__ == "__main__":
    start_log(snakemake)
    write_text(snakemake.output[0], paragraph(*(pd.read_csv(path) for path in snakemake.input)))
