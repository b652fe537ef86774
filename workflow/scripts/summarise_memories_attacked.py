"""Write the paragraph that answers claim C4: are attacks less successful against associative memories?"""

import pandas as pd

from weightspace.attacks.attacked_paragraph import paragraph
from weightspace.files import write_text
from weightspace.logs import start_log

if __name__ == "__main__":
    start_log(snakemake)
    tables = (pd.read_csv(path) for path in (snakemake.input.flips, snakemake.input.transfer))
    write_text(snakemake.output[0], paragraph(*tables, **snakemake.params.settings))
