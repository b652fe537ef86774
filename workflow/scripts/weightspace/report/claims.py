"""The paper's claims, decided by rules written down before the run in workflow/claims.yaml.

A part that decides its claim gets two words: ``word`` from its 95 % interval, and ``adjusted_word``, which counts, from
an interval so much wider that all intervals of the family hold together with 95 % (`decisions.adjusted`).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from weightspace.estimates import CONFIDENCE, NUMBERS
from weightspace.report.decisions import (
    OUTSIDE,
    UNDECIDED,
    UNMEASURED,
    WITH_INTERVAL,
    family_confidence,
    in_words,
    over_seeds,
    row_word,
)

_COLUMNS = [
    "part",
    "claim",
    "section",
    "statement",
    "statistic",
    "decides",
    "kind",
    "estimate",
    "low",
    "high",
    "adjusted_low",
    "adjusted_high",
    "n",
    "seeds",
    "interval",
    "rule",
    "word",
    "adjusted_word",
    "cell",
]


class ClaimError(ValueError):
    """A claim's primary cell is not to be found in the tables, or has no numbers that a word can be read from."""


def family(claims: Mapping[str, Any]) -> list[str]:
    """Ids of the deciding parts whose word is read from an interval: the family that is adjusted for its size."""
    return [
        part["id"]
        for claim in claims["claims"].values()
        for part in claim["parts"]
        if part.get("decides") and part.get("decision", {}).get("kind") in WITH_INTERVAL
    ]


def find_cell(
    table: pd.DataFrame, where: Mapping[str, Any], *, claim: str, name: str, numbers: Sequence[str] = ()
) -> pd.Series | None:
    """The one row of ``table`` that matches ``where``, or None where this run has no such row.

    Args: numbers, further columns that the row must have.

    Raises: ClaimError naming the claim, the table and the condition if a column does not exist or several rows match.
    """
    for column in (*where, *numbers):
        if column not in table.columns:
            raise ClaimError(f"claim {claim}: table {name} has no column {column!r}; it has {', '.join(table.columns)}")
    chosen = table
    for column, value in where.items():
        chosen = chosen[chosen[column] == value]
    if len(chosen) > 1:
        raise ClaimError(
            f"claim {claim}: {len(chosen)} rows of table {name} match its primary cell ({cell_in_words(where)});"
            " expected one"
        )
    return None if chosen.empty else chosen.iloc[0]


def cell_in_words(where: Mapping[str, Any]) -> str:
    """A cell as a reader would name it."""
    return ", ".join(f"{column} {value}" for column, value in where.items())


def setting(value: Any, settings: Mapping[str, Any]) -> Any:
    """A value of a condition; a name in braces, as ``{dataset}``, is the run's setting of that name."""
    named = re.fullmatch(r"{(\w+)}", value) if isinstance(value, str) else None
    return settings[named.group(1)] if named else value


def decide(claims: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], *, dataset: str) -> pd.DataFrame:
    """The table `claims`: one row per part of each claim.

    Args:
        claims: the content of workflow/claims.yaml.
        tables: table name to DataFrame with the columns estimate, low, high, n, seeds and interval; without a table its
            parts are not in this run.
        dataset: name of the run's dataset, for ``{dataset}`` in a cell.

    A part that waits for what nothing measures yet is *not yet measured*; one whose cell this run has not, *not in this
    run*; one whose preconditions are not met, *not decided* with the reason, unless its word could then only be surer.
    """
    rows = []
    for claim, entry in claims["claims"].items():
        head = {"claim": claim, "section": entry["section"], "statement": entry["claim"]}
        rows += [{**head, **_decide_part(part, claims, tables, dataset)} for part in entry["parts"]]
    return pd.DataFrame(rows).reindex(columns=_COLUMNS)


def _decide_part(part, claims, tables, dataset):
    row = {"part": part["id"], "statistic": part["statistic"], "decides": bool(part.get("decides"))}
    if "waits_for" in part:
        return {**row, "word": UNMEASURED, "adjusted_word": UNMEASURED}
    found, cell = _read(part, tables, dataset, claim=part["id"], numbers=NUMBERS)
    row |= {"kind": part["decision"]["kind"], "rule": in_words(part["decision"]), "cell": cell}
    if found is None:
        return {**row, "word": OUTSIDE, "adjusted_word": OUTSIDE}
    row |= {column: found[column] for column in NUMBERS}
    plain, _, _ = row_word(found, part["decision"])
    confidence = family_confidence(claims["family"]) if part["id"] in family(claims) else CONFIDENCE
    counted, low, high = row_word(found, part["decision"], confidence=confidence)
    row |= {"adjusted_low": low, "adjusted_high": high}
    words = {"word": plain, "adjusted_word": counted}
    for name, word in words.items():
        if missing := _unmet(part, found, claims, tables, dataset, word=word):
            words[name] = f"{UNDECIDED}: {missing}"
    return row | words


def _read(cell, tables, dataset, *, claim, numbers):
    """The row of the cell of a part or of a precondition, or None, and the cell in words."""
    where = {column: setting(value, {"dataset": dataset}) for column, value in cell["where"].items()}
    table = tables.get(cell["table"])
    found = None if table is None else find_cell(table, where, claim=claim, name=cell["table"], numbers=numbers)
    return found, f"{cell['table']}: {cell_in_words(where)}"


def _unmet(part, found, claims, tables, dataset, *, word):
    """The first precondition of a part that is not met and that its word needs, in words, or None."""
    if part.get("decides") and part["decision"]["kind"] in WITH_INTERVAL:
        if found.seeds < claims["seeds"]:
            return f"{int(found.seeds)} seeds, {claims['seeds']} are asked for"
        if not over_seeds(found):
            return f"its interval ({found.interval}) is not over seeds"
    for needed in part.get("requires", []):
        if needed.get("spares") == word:
            continue
        column = needed.get("column", "estimate")
        row, cell = _read(needed, tables, dataset, claim=part["id"], numbers=[column])
        if row is None:
            return f"{needed['what']} is not in this run"
        if not needed.get("at_least", -float("inf")) <= row[column] <= needed.get("at_most", float("inf")):
            return f"{needed['what']} is {row[column]:.3g} ({cell})"
    return None


def digest(text: str) -> str:
    """SHA-256 of the claims file, printed in the report: the rules were not changed after the results were seen."""
    return hashlib.sha256(text.encode()).hexdigest()
