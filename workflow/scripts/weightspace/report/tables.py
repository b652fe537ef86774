"""Final tables: the same rows as CSV for programs, as Markdown for people, and as a page of the report, to be sorted,
filtered and downloaded, which needs nothing from elsewhere.
"""

import base64
import gzip
import html
from pathlib import Path
from typing import Any

import pandas as pd

from weightspace.files import write_csv, write_text

# Browsers refuse to show a page of more than 2 MB that is embedded in another, as those of the report are, at 4
# characters for 3 bytes.
LARGEST = 1_000_000


def write_table(frame: pd.DataFrame, csv: str | Path, markdown: str | Path) -> None:
    """Write a table in both forms; numbers have six significant digits in the CSV and four in the Markdown."""
    write_csv(csv, frame)
    write_text(markdown, as_markdown(frame))


def as_markdown(frame: pd.DataFrame) -> str:
    """A pipe table; missing values are empty cells, floats have four significant digits."""
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.itertuples(index=False, name=None)]
    return "".join(f"| {' | '.join(cell_text(value) for value in row)} |\n" for row in rows)


def cell_text(value: Any) -> str:
    """One value for a reader."""
    if pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")


def table_page(name: str, csv: str, template: str, *, largest: int = LARGEST) -> str:
    """The page of one table; the same table gives the same page.

    Args:
        name: the table's name, its title; csv: its text.
        template: an HTML page, such as workflow/report/table.html, with ``{{name}}``, ``{{note}}`` and ``{{csv}}``
            (gzip in base64) in their places.
        largest: characters that the table may take in the page; of a larger one the page shows the first half of its
            rows, or of these, and says so.
    """
    shown = csv
    while len(packed := _pack(shown)) > largest:
        head, *rows = shown.splitlines(keepends=True)
        shown = head + "".join(rows[: len(rows) // 2])
    few, many = (text.count("\n") - 1 for text in (shown, csv))
    note = (
        f"Too long for this page: the first {few:,} rows of {many:,}. All are in results/tables/{name}.csv."
        if few < many
        else ""
    )
    for key, text in {"name": html.escape(name), "note": html.escape(note), "csv": packed}.items():
        template = template.replace("{{" + key + "}}", text)
    return template


def _pack(text):
    """Text as gzip in base64."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
