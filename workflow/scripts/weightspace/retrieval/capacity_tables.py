"""The tables `capacity` and `capacity_shares`: what was measured by `capacity.measure_rule`, over seeds, and what the
literature gives for random patterns.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from weightspace.estimates import Estimate, estimates_by, mean_over_seeds, share_over_seeds
from weightspace.retrieval.capacity import HELD, Crossing, find_crossing


def summarise_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """The table `capacity_shares` from rows of `measure_rule` with the columns rule, data and neurons: shares by load,
    over seeds.
    """
    keys = ["rule", "data", "neurons", "stored", "quantity", "flipped"]
    table = estimates_by(keys, counts[~counts.refined], lambda probes: share_over_seeds(probes.hits, probes.n))
    table.insert(4, "load", table.stored / table.neurons)
    return table


def summarise_capacity(counts: pd.DataFrame, definitions: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The table `capacity`: the load P/N at which each share falls through one half, over seeds, and what the
    literature gives.

    Args: counts, rows of `capacity.measure_rule` with the columns rule, data and neurons; definitions, rule name to its
    definition.

    In rows of the literature, for random patterns, the quantity is ``literature``, ``formula`` the known capacity P,
    and ``source`` says what is stored up to there and who says so.
    """
    keys = ["rule", "data", "neurons", "quantity", "flipped"]
    crossed = counts[counts.quantity.isin(HELD)]  # nearly all bits are stable at any load

    def crossing(group):
        seeds = [find_crossing(seed.stored / seed.neurons, seed.hits, seed.n) for _, seed in group.groupby("seed")]
        return crossing_over_seeds(seeds, n=int(group.n.sum()))

    rows: list[dict[Any, Any]] = estimates_by(keys, crossed, crossing).to_dict("records")
    random = counts[counts.data == "random"]
    for rule, neurons in dict.fromkeys(zip(random.rule, random.neurons, strict=True)):
        head = {"rule": rule, "data": "random", "neurons": neurons, "quantity": "literature"}
        for known in literature(definitions[rule], neurons):
            stated = vars(Estimate(known.load, np.nan, np.nan, 0, 0))
            rows.append({**head, **stated, "formula": known.formula, "source": known.source})
    return pd.DataFrame(rows, columns=[*keys, "estimate", "low", "high", "n", "seeds", "interval", "formula", "source"])


def crossing_over_seeds(crossings: Sequence[Crossing], *, n: int) -> Estimate:
    """Mean of the seeds' crossing loads, with its interval; ``n`` counts what was measured behind them all.

    The interval is the t-interval over seeds, widened where need be to the mean of the loads on either side: no finer
    than was measured. Where a seed never crosses within the loads, there is no mean (NaN), and the interval is that of
    all brackets, open at that end.
    """
    below, above = (np.array([getattr(crossing, side) for crossing in crossings]) for side in ("below", "above"))
    loads = np.array([crossing.load for crossing in crossings])
    if np.isnan(loads).any():
        return Estimate(np.nan, float(below.min()), float(above.max()), n, len(crossings))
    mean = mean_over_seeds(loads, n=n, bounds=(0.0, np.inf))
    if len(crossings) < 2:  # no spread to judge by: only what the loads say of this one seed
        return Estimate(mean.estimate, float(below[0]), float(above[0]), n, 1)
    low, high = min(mean.low, float(below.mean())), max(mean.high, float(above.mean()))
    return Estimate(mean.estimate, low, high, n, len(crossings), mean.interval)


class Known(NamedTuple):
    """A capacity from the literature."""

    load: float  # P/N
    formula: str  # of P
    source: str  # what is stored up to there, and who says so


def literature(definition: Mapping[str, Any], neurons: int) -> list[Known]:
    """Known capacities of a rule by its definition, at N ``neurons``: exact storage falls with ln N."""
    return KNOWN.get(definition["rule"], lambda *_: [])(definition, neurons)


def _hebbian(_, neurons):
    return [
        Known(0.138, "0.138 N", "retrieval with few errors (Amit, Gutfreund & Sompolinsky 1985)"),
        Known(1 / (2 * math.log(neurons)), "N/(2 ln N)", "nearly all patterns are fixed points (McEliece et al. 1987)"),
        Known(
            1 / (4 * math.log(neurons)), "N/(4 ln N)", "all patterns together are fixed points (McEliece et al. 1987)"
        ),
    ]


def _storkey(_, neurons):
    return [Known(1 / math.sqrt(2 * math.log(neurons)), "N/√(2 ln N)", "patterns are fixed points (Storkey 1997)")]


def _pseudo_inverse(_, __):
    return [Known(1.0, "N", "any linearly independent patterns are fixed points (Kanter & Sompolinsky 1987)")]


def _best(_, __):
    return [Known(2.0, "2 N", "the most that any weights, symmetric or not, can make fixed points (Gardner 1988)")]


def _dense(definition, neurons):
    if definition.get("energy") == "exponential":
        return [
            Known(2 ** (neurons / 2) / neurons, "2^(N/2)", "a given pattern is a fixed point (Demircigil et al. 2017)")
        ]
    n = definition["exponent"]
    factor = 2 * math.prod(range(1, 2 * n - 2, 2))  # 2 (2n - 3)!!
    formula = f"N{'²³⁴⁵⁶⁷⁸⁹'[n - 3] if 3 <= n <= 10 else f'^{n - 1}'}/({factor} ln N)"
    return [
        Known(
            neurons ** (n - 2) / (factor * math.log(neurons)),
            formula,
            "a given pattern is a fixed point, energy z^n (Krotov & Hopfield 2016)",
        )
    ]


KNOWN = {
    "hebbian": _hebbian,
    "storkey": _storkey,
    "pseudo_inverse": _pseudo_inverse,
    "iterative": _best,
    "krauth_mezard": _best,
    "dense": _dense,
}
