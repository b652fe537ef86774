"""Write the paragraph that answers claim C4: are attacks less successful against associative memories?"""

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.about_bit_flips import paragraph


def main(input, output, settings):
    tables = (pd.read_csv(path) for path in (input.flips, input.transfer))
    write_text(output[0], paragraph(*tables, **settings))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
