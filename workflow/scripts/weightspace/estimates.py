"""Estimates with n and an interval: shares within one model, means over seeds, and the exact McNemar test.

Within one model the unit is the image: Clopper–Pearson or Wilson. Over models the unit is the seed: a t-interval over
seed means.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Shaped
from numpy.typing import ArrayLike
from scipy import special

CONFIDENCE = 0.95
FEWEST = 3  # seeds of which a spread is estimated; of two, a t-interval is 13 standard errors wide, and says nothing
T, CLOPPER_PEARSON, EQUAL_SEEDS, NONE = "t", "clopper-pearson", "all seeds equal", "none"


NUMBERS = ("estimate", "low", "high", "n", "seeds", "interval")  # the columns of an estimate in a table


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; ``n`` counts images over all seeds, ``seeds`` the models.

    ``interval`` says how the interval was made: ``t``, Student's over seeds (or over repeats, or a jackknife's);
    `EQUAL_SEEDS`, where all seeds have one value, of which no spread can be estimated; ``clopper-pearson`` of ``n``;
    ``none``, where it holds all values that are possible, or where nothing is estimated.
    """

    estimate: float
    low: float
    high: float
    n: int
    seeds: int = 1
    interval: str = NONE


def clopper_pearson(hits: int, n: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Exact interval of a binomial share (Clopper & Pearson 1934): ``(low, high)``; n = 0 gives (0, 1)."""
    _check_counts(hits, n)
    tail = (1 - confidence) / 2
    low = special.betaincinv(hits, n - hits + 1, tail) if hits > 0 else 0.0
    high = special.betaincinv(hits + 1, n - hits, 1 - tail) if hits < n else 1.0
    return float(low), float(high)


def wilson(hits: int, n: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Score interval of a binomial share (Wilson 1927): ``(low, high)``; n = 0 gives (0, 1)."""
    _check_counts(hits, n)
    if n == 0:
        return 0.0, 1.0
    z = special.ndtri((1 + confidence) / 2)
    centre = (hits + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def _check_counts(hits, n):
    if not 0 <= hits <= n:
        raise ValueError(f"hits must lie between 0 and n, found {hits} of {n}")


def mean_over_seeds(
    values: ArrayLike, *, n: int, bounds: tuple[float, float] = (-np.inf, np.inf), confidence: float = CONFIDENCE
) -> Estimate:
    """Student's t-interval of the mean of one value per seed, cut to ``bounds``.

    Args: values (S,), one per seed; n, the number of images behind them all. With fewer than `FEWEST` seeds the
    interval is that of `all_possible`; where all seeds have one value it is that of `of_equal_seeds`.
    """
    values = np.asarray(values, dtype=float)
    mean = float(values.mean())
    if len(values) < FEWEST:
        return Estimate(mean, *all_possible(bounds), n, len(values))
    if np.ptp(values) == 0:
        low, high = of_equal_seeds(float(values[0]), len(values), bounds=bounds, confidence=confidence)
        return Estimate(float(values[0]), low, high, n, len(values), EQUAL_SEEDS)
    half = special.stdtrit(len(values) - 1, (1 + confidence) / 2) * values.std(ddof=1) / np.sqrt(len(values))
    return Estimate(mean, max(bounds[0], mean - half), min(bounds[1], mean + half), n, len(values), T)


def all_possible(bounds: tuple[float, float]) -> tuple[float, float]:
    """The interval of what is not estimated: ``bounds`` whole, and no limits, NaN, where these are infinite.

    >>> all_possible((0.0, 1.0)), all_possible((0.0, float("inf")))
    ((0.0, 1.0), (nan, nan))
    """
    return bounds if np.isfinite(bounds).all() else (np.nan, np.nan)


def of_equal_seeds(
    value: float, seeds: int, *, bounds: tuple[float, float], confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Interval of a mean of which all seeds have one value, so that there is no spread to estimate.

    Within finite ``bounds`` it is what so many equal seeds cannot exclude: a share of other seeds up to
    Clopper–Pearson's limit, as far away as the bounds allow. Without finite bounds it has no width.

    >>> low, high = of_equal_seeds(0.0, 10, bounds=(0.0, 1.0))
    >>> low, round(high, 2)
    (0.0, 0.31)
    """
    if not np.isfinite(bounds).all():
        return value, value
    reach = clopper_pearson(0, seeds, confidence=confidence)[1]
    return value + reach * (bounds[0] - value), value + reach * (bounds[1] - value)


def jackknife(
    statistic: Callable[[Shaped[np.ndarray, "_"]], float],
    seeds: Sequence[int] | Shaped[np.ndarray, "S"] | pd.Index,
    *,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> dict[str, Any]:
    """Estimate of ``statistic(kept)``, a function of the seeds that are kept, with Student's interval from leaving out
    one seed at a time.

    Pairs of networks share networks, so a t-interval over pairs would be too narrow. For means over pairs the jackknife
    is conservative: its variance is too large on average, never too small (Efron & Stein 1981).
    """
    kept = np.asarray(seeds)
    whole, count = statistic(kept), len(kept)
    if count < 3:  # of one seed left there are no pairs
        low, high = all_possible(bounds)
        return {"estimate": whole, "low": low, "high": high, "seeds": count, "interval": NONE}
    parts = np.array([statistic(np.delete(kept, place)) for place in range(count)])
    if np.ptp([*parts, whole]) == 0:
        low, high = of_equal_seeds(whole, count, bounds=bounds)
        return {"estimate": whole, "low": low, "high": high, "seeds": count, "interval": EQUAL_SEEDS}
    error = np.sqrt((count - 1) / count * np.square(parts - parts.mean()).sum())
    half = special.stdtrit(count - 1, (1 + CONFIDENCE) / 2) * error
    return {
        "estimate": whole,
        "low": max(bounds[0], whole - half),
        "high": min(bounds[1], whole + half),
        "seeds": count,
        "interval": T,
    }


def share_over_seeds(hits: ArrayLike, n: ArrayLike) -> Estimate:
    """Mean of the seeds' shares with its t-interval.

    Args: hits (S,) and n (S,), counts per seed; seeds without images are left out.

    Where all seeds agree to the last image, the t-interval would have no width. It is then the Clopper–Pearson interval
    of the pooled counts: what so many images can exclude.
    """
    hits, n = (np.asarray(values, dtype=np.int64) for values in (hits, n))
    hits, n = hits[n > 0], n[n > 0]
    if len(n) == 0:
        return Estimate(np.nan, 0.0, 1.0, 0, 0)
    shares = hits / n
    if len(n) < 2 or np.ptp(shares) == 0:
        kind = EQUAL_SEEDS if len(n) > 1 else CLOPPER_PEARSON
        total = int(n.sum())
        return Estimate(float(shares.mean()), *clopper_pearson(int(hits.sum()), total), total, len(n), kind)
    return mean_over_seeds(shares, n=int(n.sum()), bounds=(0.0, 1.0))


def share_of_seeds(has_it: ArrayLike) -> Estimate:
    """Share of seeds that have a property, with its Clopper–Pearson interval: the seed is the unit."""
    found = np.asarray(has_it, dtype=bool)
    low, high = clopper_pearson(int(found.sum()), len(found))
    share = float(found.mean()) if len(found) else np.nan
    return Estimate(share, low, high, len(found), len(found), CLOPPER_PEARSON)


def largest_of(values: ArrayLike, *, n: int) -> Estimate:
    """The largest value that was found, one per seed, each the largest of its seed: a fact about the ``n`` cases
    tried, from which nothing is inferred.
    """
    found = np.asarray(values, dtype=float)
    largest = float(found.max())
    return Estimate(largest, largest, largest, n, len(found), NONE)


def difference_over_seeds(only_first: ArrayLike, only_second: ArrayLike, n: ArrayLike) -> Estimate:
    """Mean over seeds of the paired difference of two error rates on the same images, with its t-interval.

    Args: counts per seed (S,): images wrong in the first state only, in the second only, and all images.

    Where all seeds agree, the interval is as wide as the upper Clopper–Pearson limit of the share of images that could
    differ.
    """
    only_first, only_second, n = (np.asarray(values, dtype=np.int64) for values in (only_first, only_second, n))
    differences, total = (only_first - only_second) / n, int(n.sum())
    if len(n) > 1 and np.ptp(differences) > 0:
        return mean_over_seeds(differences, n=total, bounds=(-1.0, 1.0))
    mean, (_, reach) = float(differences.mean()), clopper_pearson(int((only_first + only_second).sum()), total)
    kind = EQUAL_SEEDS if len(n) > 1 else NONE
    return Estimate(mean, max(-1.0, mean - reach), min(1.0, mean + reach), total, len(n), kind)


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided McNemar test: the p-value of the discordant counts under equal error (binomial, one half)."""
    n = only_first + only_second
    return min(1.0, 2 * float(special.bdtr(min(only_first, only_second), n, 0.5))) if n else 1.0


def estimates_by(
    keys: Sequence[str],
    rows: pd.DataFrame,
    estimate: Callable[[pd.DataFrame], Estimate | Iterable[Mapping[str, Any]]],
    *,
    sort: bool = False,
) -> pd.DataFrame:
    """A table of estimates: for each group of rows that agree in ``keys``, these keys and what is estimated.

    Args:
        keys: columns.
        rows: of all seeds.
        estimate: gives a group's estimate, or several rows of the table, such as ``{"quantity": "error",
            **vars(estimate)}``.
        sort: whether groups are sorted by their keys; else they come as they first appear.

    Of no rows it is a header: the keys, the quantity and the numbers of an estimate.
    """
    table = []
    for key, group in rows.groupby(list(keys), sort=sort, observed=True):
        found, head = estimate(group), dict(zip(keys, key, strict=True))
        table += [{**head, **row} for row in ([vars(found)] if isinstance(found, Estimate) else found)]
    return pd.DataFrame(table, columns=None if table else [*keys, "quantity", *NUMBERS])
