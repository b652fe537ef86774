"""A table as an HTML page of its own, to be sorted, filtered and downloaded, which needs nothing from elsewhere."""

import html

# Browsers refuse to show a page of more than 2 MB that is embedded in another, as those of the report are, at 4 characters for 3 bytes.
LARGEST = 1_400_000


def table_page(name, csv, template, *, largest=LARGEST):
    """The page of one table.

    Args:
        name: the table's name, its title; csv: its text.
        template: an HTML page with ``{{name}}``, ``{{note}}`` and ``{{csv}}`` where these belong, such as workflow/report/table.html.
        largest: bytes of CSV; of a larger table the page shows the first rows, and says so.
    """
    shown, note = csv, ""
    if len(csv.encode()) > largest:
        shown = csv.encode()[:largest].decode(errors="ignore").rsplit("\n", 1)[0] + "\n"
        few, many = (text.count("\n") - 1 for text in (shown, csv))
        note = f"Too long for this page: the first {few:,} rows of {many:,}. All are in results/tables/{name}.csv."
    texts = {"name": html.escape(name), "note": html.escape(note), "csv": html.escape(shown)}
    for key, text in texts.items():
        template = template.replace("{{" + key + "}}", text)
    return template
