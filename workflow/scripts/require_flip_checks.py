"""Show the checks of the binary attacks as a table, and fail with a sentence if one of them failed."""

import logging

import pandas as pd

from weightspace.flip_checks import WARNING, require
from weightspace.logs import start_log
from weightspace.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    checks = pd.read_csv(snakemake.input[0], keep_default_na=False, dtype=str)
    for sentence in checks.sentence[checks.verdict == WARNING]:
        logging.warning("%s", sentence)
    require(checks)
    write_table(checks, *snakemake.output)
