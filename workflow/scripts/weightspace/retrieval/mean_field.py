"""The Hebbian rule on random patterns in the limit of infinitely many neurons, without noise: the mean-field theory of
Amit, Gutfreund & Sompolinsky (1985).

At temperature 0 the overlap m with the pattern that is retrieved, and the noise r of all others, obey

    m = erf(m / √(2 α r))     √r = 1 / (1 - C)     C = √(2 / (π α r)) exp(-m² / (2 α r))

at load ``α = P/N``. With ``y = m / √(2 α r)`` these are one equation, ``√(2 α) = erf(y)/y - 2/√π exp(-y²)``, whose
right side has a maximum: beyond it no state is near a pattern.
"""

import math

import numpy as np
from scipy import optimize

_LARGEST = 30.0  # of y, beyond which erf(y) is 1 in floating-point numbers and far beyond


def _load(y):
    return (math.erf(y) / y - 2 / math.sqrt(math.pi) * math.exp(-(y**2))) ** 2 / 2


def _at_the_end():
    found = optimize.minimize_scalar(lambda y: -_load(y), bounds=(0.5, 5.0), method="bounded", options={"xatol": 1e-12})
    return float(found.x)


def critical_load() -> float:
    """The largest load P/N at which patterns are retrieved.

    >>> round(critical_load(), 6)
    0.137906
    """
    return _load(_at_the_end())


def critical_overlap() -> float:
    """The overlap with a pattern at `critical_load`, before it jumps to 0.

    >>> round(critical_overlap(), 4)
    0.9674
    """
    return math.erf(_at_the_end())


def retrieval_overlap(load: float) -> float:
    """The overlap of the retrieved state with its pattern at a load, 0 beyond `critical_load`.

    Raises:
        ValueError: the load is not positive.
    """
    if not load > 0:
        raise ValueError(f"load is {load}; allowed: numbers above 0")
    least = _at_the_end()
    if load > _load(least):
        return 0.0
    # From the maximum on the load falls with y; where it is small, y is about 1 / √(2 α).
    most = max(_LARGEST, 2 / math.sqrt(2 * load))
    y = optimize.brentq(lambda y: _load(y) - load, least, most, xtol=1e-14)
    return math.erf(float(y))


def extrapolated(sizes: np.ndarray, values: np.ndarray) -> float:
    """The value at infinite N of a straight line through values in 1/N, by least squares; of one size, its value.

    Args: sizes (K,) and values (K,).
    """
    if len(set(sizes.tolist())) < 2:
        return float(values.mean())
    return float(np.polyfit(1 / sizes, values, 1)[1])
