"""Which labellings of points a linear unit can give them: Cover's count, and what it is a count of.

A dichotomy gives each of P points one of two labels. It is separable if some weights w have ``y w·x > 0`` for every
point x with its label y.
"""

import math
from fractions import Fraction
from itertools import product

import numpy as np
from jaxtyping import Float, Int
from scipy import integrate, optimize


def count_dichotomies(points: int, weights: int) -> int:
    """Cover's C(P, N): separable dichotomies of P points in general position by N weights and no bias (Cover 1965).

    A bias is one more weight.

    >>> count_dichotomies(4, 3)
    14
    """
    return 2 * sum(math.comb(points - 1, k) for k in range(min(weights, points)))


def share_of_dichotomies(points: int, weights: int) -> Fraction:
    """C(P, N) / 2^P, exactly; one half at P = 2 N."""
    return Fraction(count_dichotomies(points, weights), 2**points)


def is_separable(points: Float[np.ndarray, "P N"], labels: Int[np.ndarray, " P"]) -> bool:
    """Whether some weights, without a bias, give each point its label of ±1; a linear programme decides."""
    signed = points * labels[:, None]
    found = optimize.linprog(
        np.zeros(points.shape[1]), A_ub=-signed, b_ub=-np.ones(len(points)), bounds=(None, None), method="highs"
    )
    return (
        found.status == 0
    )  # else infeasible: the constraints can be scaled, so 1 asks no more than any number above 0


def separable_labellings(points: Float[np.ndarray, "P N"]) -> int:
    """How many of all 2^P labellings are separable."""
    return sum(is_separable(points, np.array(labels)) for labels in product((-1, 1), repeat=len(points)))


def gardner_capacity(margin: float) -> float:
    """The largest load P/N at which weights hold random patterns with a normalised stability of ``margin`` at least:
    ``1/α = ∫_{-κ}^∞ Dt (t + κ)²`` (Gardner 1988), 2 without a margin.
    """

    def weighed(t: float) -> float:
        return math.exp(-(t**2) / 2) / math.sqrt(2 * math.pi) * (t + margin) ** 2

    return 1 / integrate.quad(weighed, -margin, np.inf, epsabs=1e-13)[0]
