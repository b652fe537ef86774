"""The paragraph on the weight space's symmetries for the report's first page."""

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.about_symmetry import paragraph


def main(input, output):
    write_text(output[0], paragraph(*(pd.read_csv(path) for path in input)))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
