"""reStructuredText of the report's first page: titles, tables, names and intervals as a reader wants them. Standard
library only.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

# How an estimate stands beside its interval: in a table, in a sentence, and where the interval has no ends.
BRACKETS = "{} [{}, {}]"
WORDS = "{} ({} to {})"
ALONE = "{}"


def readable(name: object) -> str:
    """A name of the configuration in words.

    >>> readable("iterative_40_margin_1")
    'iterative 40 margin 1'
    """
    return str(name).replace("_", " ")


def title(text: str, line: str = "-") -> str:
    """A title and what is under it.

    >>> title("Seeds")
    'Seeds\\n-----\\n'
    """
    return f"{text}\n{line * len(text)}\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, widths: Sequence[int] | None = None) -> str:
    """A table of texts, its first row the header; ``widths`` are the columns' shares of the page."""
    shares = f"   :widths: {' '.join(map(str, widths))}\n" if widths else ""
    lines = [f".. list-table::\n   :header-rows: 1\n{shares}"]
    for cells in (header, *rows):
        lines.append("\n".join(f"   {'  -' if column else '* -'} {cell}" for column, cell in enumerate(cells)))
    return "\n".join(lines) + "\n"


def with_interval(
    row: Any, show: Callable[[float], str] = "{:.3f}".format, *, form: str = BRACKETS, column: str = "estimate"
) -> str:
    """An estimate and its interval, each number as ``show`` writes it; the estimate alone, where the row says that it
    has no interval.

    Args:
        row: a row of a table, which has ``low``, ``high`` and the ``column`` of the estimate.
        form: `BRACKETS`, `WORDS`, or another text with three places.

    >>> from types import SimpleNamespace
    >>> row = SimpleNamespace(estimate=0.5, low=0.4, high=0.625)
    >>> with_interval(row), with_interval(row, "{:.0%}".format, form=WORDS)
    ('0.500 [0.400, 0.625]', '50% (40% to 62%)')
    >>> with_interval(SimpleNamespace(estimate=0.5, low=0.0, high=1.0, interval="none"))
    '0.500'
    """
    if getattr(row, "interval", "") == "none":
        return show(getattr(row, column))
    return form.format(*(show(getattr(row, name)) for name in (column, "low", "high")))


def span(values: Iterable[float], show: Callable[[float], str] = "{:.3f}".format) -> str:
    """The smallest and the largest of some numbers, or the one that all are; of none, ``none``.

    >>> span([0.25, 0.5, 0.75], "{:.0%}".format), span([0.5, 0.5]), span([])
    ('25% to 75%', '0.500', 'none')
    """
    known = list(values)
    if not known:
        return "none"
    low, high = min(known), max(known)
    return show(low) if low == high else f"{show(low)} to {show(high)}"


def number(value: float) -> str:
    """Three decimals; where these would say nothing, two significant digits, and for large numbers none.

    >>> number(0.6262), number(1.36e-16), number(-694.01), number(0.0)
    ('0.626', '1.4e-16', '-694', '0.000')
    """
    if value and abs(value) < 0.0005:
        return f"{value:.1e}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3f}"
