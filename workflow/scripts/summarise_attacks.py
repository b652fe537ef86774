"""The report's paragraph on attacks."""

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.about_grey_attacks import paragraph


def main(input, output, settings):
    tables = pd.read_csv(input.transfer), pd.read_csv(input.experiment)
    write_text(output[0], paragraph(*tables, **settings))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
