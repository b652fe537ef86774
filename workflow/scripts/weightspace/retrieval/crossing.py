"""The load at which a share falls through one half, for each seed and over seeds.

A share measured at a few loads is first made to fall with the load (isotonic regression, since more patterns can only
be harder to store and what rises is noise), then interpolated on the logarithm of the load. What the loads leave open
is part of the interval.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from weightspace.estimates import Estimate, mean_over_seeds

HALF = 0.5


@dataclass(frozen=True)
class Crossing:
    """Where one seed's share falls through one half: the interpolated load and the measured loads on either side of it.

    ``below`` is 0 where the share is under one half at all loads, ``above`` infinite where it never falls so far;
    ``load`` is then NaN.
    """

    load: float
    below: float
    above: float


def find_crossing(loads, hits, n):
    """`Crossing` of the shares ``hits / n`` (K,) measured at ``loads`` (K,), which are positive and all different, in
    any order.
    """
    order = np.argsort(loads)
    loads, hits, n = (np.asarray(values, dtype=float)[order] for values in (loads, hits, n))
    shares = isotonic_regression(hits / n, weights=n, increasing=False).x
    last = int((shares >= HALF).sum())  # so many loads lie before the crossing
    below = loads[last - 1] if last > 0 else 0.0
    above = loads[last] if last < len(loads) else np.inf
    if last in (0, len(loads)):
        return Crossing(np.nan, float(below), float(above))
    place = (shares[last - 1] - HALF) / (shares[last - 1] - shares[last])
    load = np.exp(np.log(below) + place * np.log(above / below))
    return Crossing(float(load), float(below), float(above))


def crossing_over_seeds(crossings, *, n):
    """Mean of the seeds' crossing loads, as an `intervals.Estimate`; ``n`` counts what was measured behind them all.

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
    return Estimate(
        mean.estimate, min(mean.low, float(below.mean())), max(mean.high, float(above.mean())), n, len(crossings)
    )
