"""The paper's claims, decided by rules written down before the run in workflow/claims.yaml."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

SUPPORTED, REFUTED, INCONCLUSIVE = "supported", "refuted", "inconclusive"
UNMEASURED, OUTSIDE = "not yet measured", "not in this run"


class ClaimError(ValueError):
    """A claim's primary cell is not to be found in the tables."""


def verdict(low: float, high: float, decision: Mapping[str, Any]) -> str:
    """Supported if the interval lies wholly where the claim says, refuted if wholly elsewhere, inconclusive otherwise.

    ``above`` and ``below`` compare with ``reference`` moved by ``margin`` in the claim's direction; ``within`` asks for
    a range.
    """
    if decision["kind"] == "within":
        inside, outside = (
            decision["low"] <= low and high <= decision["high"],
            high < decision["low"] or low > decision["high"],
        )
    elif decision["kind"] == "above":
        bar = decision["reference"] + decision["margin"]
        inside, outside = low > bar, high < bar
    else:
        bar = decision["reference"] - decision["margin"]
        inside, outside = high < bar, low > bar
    return SUPPORTED if inside else REFUTED if outside else INCONCLUSIVE


def rule_in_words(decision: Mapping[str, Any]) -> str:
    """The decision rule as a reader would say it."""
    if decision["kind"] == "within":
        return f"interval within [{decision['low']:g}, {decision['high']:g}]"
    sign = 1 if decision["kind"] == "above" else -1
    return f"interval {decision['kind']} {decision['reference'] + sign * decision['margin']:g}"


def find_cell(table: pd.DataFrame, where: Mapping[str, Any], *, claim: str, name: str) -> pd.Series | None:
    """The one row of ``table`` that matches ``where``, or None where this run has no such row.

    Raises: ClaimError naming the claim, the table and the condition if a column does not exist or several rows match.
    """
    chosen = table
    for column, value in where.items():
        if column not in table.columns:
            raise ClaimError(f"claim {claim}: table {name} has no column {column!r}; it has {', '.join(table.columns)}")
        chosen = chosen[chosen[column] == value]
    if len(chosen) > 1:
        raise ClaimError(
            f"claim {claim}: {len(chosen)} rows of table {name} match its primary cell ({in_words(where)});"
            " expected one"
        )
    return None if chosen.empty else chosen.iloc[0]


def in_words(where: Mapping[str, Any]) -> str:
    """A cell as a reader would name it."""
    return ", ".join(f"{column} {value}" for column, value in where.items())


def setting(value: Any, settings: Mapping[str, Any]) -> Any:
    """A value of a condition; a name in braces, as ``{dataset}``, is the run's setting of that name."""
    named = re.fullmatch(r"{(\w+)}", value) if isinstance(value, str) else None
    return settings[named.group(1)] if named else value


def decide(claims: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], *, dataset: str) -> pd.DataFrame:
    """The table `claims`: one row per part of each claim, and one for each claim that nothing measures yet.

    Args:
        claims: the content of workflow/claims.yaml.
        tables: table name to DataFrame with the columns estimate, low, high, n, seeds.
        dataset: name of the run's dataset, for ``{dataset}`` in a cell.
    """
    rows = []
    for claim, entry in claims["claims"].items():
        head = {"claim": claim, "section": entry["section"], "statement": entry["claim"]}
        if not entry["parts"]:
            rows.append({**head, "part": claim, "statistic": entry["decided_by"], "verdict": UNMEASURED})
        rows += [{**head, **_decide_part(part, tables, dataset)} for part in entry["parts"]]
    columns = [
        "part",
        "claim",
        "section",
        "statement",
        "statistic",
        "estimate",
        "low",
        "high",
        "n",
        "seeds",
        "rule",
        "verdict",
        "cell",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)


def _decide_part(part, tables, dataset):
    where = {column: setting(value, {"dataset": dataset}) for column, value in part["where"].items()}
    cell = f"{part['table']}: {in_words(where)}"
    row = {"part": part["id"], "statistic": part["statistic"], "rule": rule_in_words(part["decision"]), "cell": cell}
    found = find_cell(tables[part["table"]], where, claim=part["id"], name=part["table"])
    if found is None:
        return {**row, "verdict": OUTSIDE}
    numbers = {column: found[column] for column in ("estimate", "low", "high", "n", "seeds")}
    return {**row, **numbers, "verdict": verdict(found.low, found.high, part["decision"])}


def digest(text: str) -> str:
    """SHA-256 of the claims file, printed in the report: the rules were not changed after the results were seen."""
    return hashlib.sha256(text.encode()).hexdigest()
