"""The report's first page."""

from pathlib import Path

import pandas as pd
import yaml

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.claims import digest
from weightspace.report.first_page import first_page


def main(input, output, settings):
    paths = input
    claims, words = (Path(path).read_text(encoding="utf-8") for path in (paths.claims, paths.answers))
    paragraphs = [Path(path).read_text(encoding="utf-8") for path in paths.get("paragraphs", [])]
    page = first_page(
        pd.read_csv(paths.table),
        pd.read_csv(paths.experiment),
        settings,
        rules=yaml.safe_load(claims)["claims"],
        words=yaml.safe_load(words),
        digest=digest(claims),
        paragraphs=paragraphs,
    )
    write_text(output[0], page)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
