"""What a work measures: quantities by name, each with its estimate."""

from collections.abc import Mapping
from typing import Any, SupportsInt

import pandas as pd

from weightspace.estimates import CLOPPER_PEARSON, Estimate, clopper_pearson

# By quantity; an `Estimate`, or a number that is known exactly.
Quantities = Mapping[str, Estimate | int | float]


def as_rows(found: Quantities) -> pd.DataFrame:
    """One row per quantity, with the columns quantity, estimate, low, high, n, seeds and interval."""
    rows = [{"quantity": name, **vars(_estimate(value))} for name, value in found.items()]
    return pd.DataFrame(rows, dtype=object)  # whole numbers keep all their digits


def _estimate(value: Any) -> Estimate:
    return value if isinstance(value, Estimate) else Estimate(value, value, value, 1)


def share(hits: SupportsInt, n: int) -> Estimate:
    """A share of independent cases, with Clopper and Pearson's interval."""
    return Estimate(int(hits) / n, *clopper_pearson(int(hits), n), n, interval=CLOPPER_PEARSON)
