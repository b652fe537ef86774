"""What a paper needs of the run: its tables as LaTeX, the numbers of its text as commands, and a document that shows
all of it.
"""

from pathlib import Path

import pandas as pd

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.manuscript import document, lay_out, macro_file, macros


def main(input, output, settings):
    tables = {Path(path).stem: pd.read_csv(path) for path in input.tables}
    captions = {
        "/".join(Path(path).with_suffix("").parts[-2:]): Path(path).read_text(encoding="utf-8")
        for path in input.captions
    }
    laid_out = {name: lay_out(frame, name, settings) for name, frame in tables.items()}
    for path in output.tables:
        write_text(path, laid_out[Path(path).stem])
    commands = macros(tables["claims"], tables["paper_experiment"], settings)
    write_text(output.macros, macro_file(commands))
    write_text(output.document, document(laid_out, settings["figures"], captions, commands, settings))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output, snakemake.params.settings)
