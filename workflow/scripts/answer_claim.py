"""Decide one claim of the paper by the rules of workflow/claims.yaml, and print its answer; nothing is written."""

from pathlib import Path

import pandas as pd
import yaml

from weightspace.logs import start_log
from weightspace.report.claims import decide
from weightspace.report.terminal import answer_in_full


def main(input, output, settings):
    claims, answers = (yaml.safe_load(Path(path).read_text(encoding="utf-8")) for path in (input.claims, input.answers))
    name, tables = settings["claim"], {Path(path).stem: pd.read_csv(path) for path in input.tables}
    alone = claims | {"claims": {name: claims["claims"][name]}}
    rows = list(decide(alone, tables, dataset=settings["dataset"]).itertuples())
    print(answer_in_full(name, claims["claims"][name], rows, answers.get(name)), flush=True)


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
