"""reStructuredText of the report's first page: titles, tables and names as a reader wants them. Standard library
only.
"""


def readable(name):
    """A name of the configuration in words.

    >>> readable("iterative_40_margin_1")
    'iterative 40 margin 1'
    """
    return str(name).replace("_", " ")


def title(text, line="-"):
    """A title and what is under it.

    >>> title("Seeds")
    'Seeds\\n-----\\n'
    """
    return f"{text}\n{line * len(text)}\n"


def table(header, rows, *, widths=None):
    """A table of texts, its first row the header; ``widths`` are the columns' shares of the page."""
    shares = f"   :widths: {' '.join(map(str, widths))}\n" if widths else ""
    lines = [f".. list-table::\n   :header-rows: 1\n{shares}"]
    for cells in (header, *rows):
        lines.append("\n".join(f"   {'  -' if column else '* -'} {cell}" for column, cell in enumerate(cells)))
    return "\n".join(lines) + "\n"
