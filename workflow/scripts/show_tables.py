"""Tables as pages for the report."""

from pathlib import Path

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.tables import table_page


def main(input, output):
    template = Path(input.template).read_text(encoding="utf-8")
    tables = {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in input.tables}
    for page in output:
        name = Path(page).stem
        write_text(page, table_page(name, tables[name], template))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
