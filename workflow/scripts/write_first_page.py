"""The report's first page: answers to the claims, and a paragraph of each topic."""

from pathlib import Path

import pandas as pd
import yaml

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.claims import digest
from weightspace.report.first_page import first_page, paragraphs


def main(input, output, settings):
    claims, answers = (Path(path).read_text(encoding="utf-8") for path in (input.claims, input.answers))
    tables = {Path(path).stem: pd.read_csv(path) for path in input.tables}
    page = first_page(
        tables["claims"],
        tables["paper_experiment"],
        settings["page"],
        rules=yaml.safe_load(claims)["claims"],
        words=yaml.safe_load(answers),
        digest=digest(claims),
        paragraphs=paragraphs(tables, settings),
    )
    write_text(output[0], page)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
