"""The report's first page."""

from pathlib import Path

import pandas as pd

from weightspace.claims import digest
from weightspace.files import write_text
from weightspace.findings import first_page
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    paths = snakemake.input
    rules = digest(Path(paths.claims).read_text(encoding="utf-8"))
    page = first_page(pd.read_csv(paths.table), pd.read_csv(paths.experiment), snakemake.params.settings, digest=rules)
    write_text(snakemake.output[0], page)
