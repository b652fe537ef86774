"""Decide the paper's claims by the rules of workflow/claims.yaml."""

from pathlib import Path

import pandas as pd
import yaml

from weightspace.logs import start_log
from weightspace.report.claims import decide
from weightspace.report.tables import write_table


def main(input, output, settings):
    claims = yaml.safe_load(Path(input.claims).read_text(encoding="utf-8"))
    tables = {Path(path).stem: pd.read_csv(path) for path in input.tables}
    write_table(decide(claims, tables, **settings), *output)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
