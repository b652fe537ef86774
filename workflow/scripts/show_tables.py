"""Tables as pages for the report."""

from pathlib import Path

from weightspace.files import write_text
from weightspace.logs import start_log
from weightspace.report.table_page import table_page

if __name__ == "__main__":
    start_log(snakemake)
    template = Path(snakemake.input.template).read_text(encoding="utf-8")
    for table, page in zip(snakemake.input.tables, snakemake.output, strict=True):
        write_text(page, table_page(Path(table).stem, Path(table).read_text(encoding="utf-8"), template))
