"""A table as an HTML page of its own, to be sorted, filtered and downloaded, which needs nothing from elsewhere."""

import base64
import gzip
import html

# Browsers refuse to show a page of more than 2 MB that is embedded in another, as those of the report are, at 4
# characters for 3 bytes.
LARGEST = 1_000_000


def table_page(name, csv, template, *, largest=LARGEST):
    """The page of one table; the same table gives the same page.

    Args:
        name: the table's name, its title; csv: its text.
        template: an HTML page, such as workflow/report/table.html, with ``{{name}}``, ``{{note}}`` and ``{{csv}}``
            (gzip in base64) in their places.
        largest: characters that the table may take in the page; of a larger one the page shows the first half of its
            rows, or of these, and says so.
    """
    shown = csv
    while len(packed := pack(shown)) > largest:
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


def pack(text):
    """Text as gzip in base64."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
