"""The claims and answers that the workflow ships, and made-up tables that hold the rows they name."""

import pandas as pd
import yaml
from running import ROOT

from weightspace.report.claims import decide

SHIPPED = yaml.safe_load((ROOT / "workflow/claims.yaml").read_text(encoding="utf-8"))
RULES = SHIPPED["claims"]
WORDS = yaml.safe_load((ROOT / "workflow/answers.yaml").read_text(encoding="utf-8"))
PARTS = [part for entry in RULES.values() for part in entry["parts"]]
MEASURED = [part for part in PARTS if "where" in part]
DECIDING = [part for part in MEASURED if part.get("decides")]
WAITING = {part["id"] for part in PARTS if "waits_for" in part}
MADE_UP = {"estimate": 0.25, "low": 0.2, "high": 0.3, "n": 400, "seeds": 10, "interval": "t"}


def row_of(cell, **numbers):
    """The row that a cell names, with made-up numbers."""
    where = {column: "mnist" if value == "{dataset}" else value for column, value in cell["where"].items()}
    return {**where, **MADE_UP, **numbers}


def met(needed):
    """The row of a precondition that is met."""
    value = needed.get("at_most", needed.get("at_least"))
    return row_of(needed, **{needed.get("column", "estimate"): value})


def tables_of(changed=None, *, left_out=()):
    """Tables in which every part came out as 0.25 and every precondition is met, but for what ``changed`` says by part
    and the parts ``left_out``.
    """
    tables = {}
    for part in (part for part in MEASURED if part["id"] not in left_out):
        tables.setdefault(part["table"], []).append(row_of(part, **(changed or {}).get(part["id"], {})))
        for needed in part.get("requires", []):
            tables.setdefault(needed["table"], []).append(met(needed))
    return {name: pd.DataFrame(rows).drop_duplicates() for name, rows in tables.items()}


def decided(changed=None, *, left_out=("C1b",), claims=SHIPPED, tables=None):
    """The table of claims of a run in which every part came out as 0.25, but C1b, which is left out."""
    return decide(claims, tables or tables_of(changed, left_out=left_out), dataset="mnist")
