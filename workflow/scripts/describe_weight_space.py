"""The paragraph on the weight space for the report's first page."""

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.weight_space.weight_space_findings import paragraph

if __name__ == "__main__":
    start_log(snakemake)
    write_text(snakemake.output[0], paragraph(*(pd.read_csv(path) for path in snakemake.input)))
