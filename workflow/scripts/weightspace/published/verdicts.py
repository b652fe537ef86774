"""The table `published`: numbers that others have published beside ours, and the rule that says whether they agree.

The rule. Theirs is a number known to within its rounding; ours is an interval, a point where nothing is estimated. They
*agree* if some number lies in both once ours is widened by the tolerance that published.yaml states beforehand; else
they *differ*. What is not reproduced is *context*; what was not read at its source is *unread*, and what this run does
not measure is *not measured*: neither counts.
"""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

AGREES, DIFFERS, CONTEXT, UNREAD, UNMEASURED = "agrees", "differs", "context", "unread", "not measured"
_ROOM = 1e-9  # of the larger number, for sums of decimal fractions
_OURS = ["estimate", "low", "high", "n", "seeds", "interval"]


def compare(theirs: float, low: float, high: float, *, rounding: float, tolerance: float) -> str:
    """`AGREES` or `DIFFERS`, by the rule.

    >>> compare(0.05, 0.028, 0.034, rounding=0.0005, tolerance=0)
    'differs'
    >>> compare(360, 361.9, 361.9, rounding=5, tolerance=0)
    'agrees'
    """
    reach = rounding + tolerance + _ROOM * max(abs(theirs), abs(low), abs(high))
    return AGREES if low - reach <= theirs <= high + reach else DIFFERS


def verdict(entry: Mapping[str, Any], ours: Mapping[Any, Any] | None) -> str:
    """The verdict of an entry; ``ours`` is its row of a work, None where this run has none."""
    if "measured" not in entry:
        return CONTEXT if "read" in entry else UNREAD
    if ours is None:
        return UNMEASURED
    if "read" not in entry:
        return UNREAD
    bounds = {key: entry[key] for key in ("rounding", "tolerance")}
    return compare(entry["theirs"], ours["low"], ours["high"], **bounds)


def _shown(value):
    """Whole numbers with all their digits, others with six."""
    if not isinstance(value, float):
        return value
    return int(value) if value.is_integer() else float(f"{value:.6g}")


def summarise(entries: Mapping[str, Mapping[str, Any]], measured: pd.DataFrame) -> pd.DataFrame:
    """The table, one row per entry in their order.

    Args: entries, of published.yaml; measured, the rows of all works of this run, with the column ``published`` that
    names the work.

    Raises:
        KeyError: a work of this run lacks a quantity that an entry names.
    """
    cells: dict[Any, dict[Any, Any]] = {(row["published"], row["quantity"]): row for row in measured.to_dict("records")}
    works: Collection[str] = set(measured["published"])
    rows = []
    for name, entry in entries.items():
        where = entry.get("measured", {"work": None, "quantity": None})
        ours = cells[where["work"], where["quantity"]] if where["work"] in works else None
        read = entry.get("read", {"address": "", "kind": ""})
        rows.append(
            {
                "entry": name,
                "group": entry["group"],
                "source": entry["source"],
                "work": entry["work"],
                "unit": entry["unit"],
                "theirs": entry["theirs"],
                "rounding": entry["rounding"],
                **{key: _shown(ours[key]) if ours else None for key in _OURS},
                "tolerance": entry.get("tolerance"),
                "verdict": verdict(entry, ours),
                "why": entry.get("why", ""),
                "note": entry.get("note", entry.get("unread", "")),
                "address": read["address"],
                "read": read["kind"],
            }
        )
    return pd.DataFrame(rows, dtype=object)
