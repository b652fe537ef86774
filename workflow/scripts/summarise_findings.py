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
    paragraphs = [Path(path).read_text(encoding="utf-8") for path in paths.get("paragraphs", [])]
    page = first_page(pd.read_csv(paths.table), pd.read_csv(paths.experiment), snakemake.params.settings, paragraphs=paragraphs, digest=rules)
    write_text(snakemake.output[0], page)
