"""What the literature says a learning rule can store of random patterns: loads P/N, their formulae, what holds there,
and the source.
"""

import math
from typing import NamedTuple


class Known(NamedTuple):
    """A capacity from the literature."""

    load: float  # P/N
    formula: str  # of P
    source: str  # what is stored up to there, and who says so


def literature(definition, neurons):
    """Known capacities of a rule (list of `Known`) by its definition, at N ``neurons``: exact storage falls with ln
    N.
    """
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
