"""Tables as pages for the report."""

from pathlib import Path

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.table_page import table_page


def main(input, output):
    template = Path(input.template).read_text(encoding="utf-8")
    for table, page in zip(input.tables, output, strict=True):
        write_text(page, table_page(Path(table).stem, Path(table).read_text(encoding="utf-8"), template))


if __name__ == "__main__":
    start_log(snakemake)
    main(snakemake.input, snakemake.output)
