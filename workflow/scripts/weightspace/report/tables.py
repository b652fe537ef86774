"""Final tables: the same rows as CSV for programs and as Markdown for people."""

import pandas as pd

from weightspace.files import write_csv, write_text


def write_table(frame, csv, markdown):
    """Write a table in both forms; numbers have six significant digits in the CSV and four in the Markdown."""
    write_csv(csv, frame)
    write_text(markdown, as_markdown(frame))


def as_markdown(frame):
    """A pipe table; missing values are empty cells, floats have four significant digits."""
    rows = [frame.columns, ["---"] * len(frame.columns), *frame.itertuples(index=False)]
    return "".join(f"| {' | '.join(cell_text(value) for value in row)} |\n" for row in rows)


def cell_text(value):
    """One value for a reader."""
    if pd.isna(value):
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "\\|")
