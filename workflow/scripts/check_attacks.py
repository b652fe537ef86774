"""All checks of the attacks in one table; fails where one of them failed."""

import pandas as pd

from weightspace.attacks.attack_checks import judge, worst
from weightspace.logs import start_log
from weightspace.report.tables import write_table

if __name__ == "__main__":
    start_log(snakemake)
    table = pd.concat([worst(pd.read_csv(path)) for path in snakemake.input], ignore_index=True)
    write_table(table, *snakemake.output)
    judge(table)
