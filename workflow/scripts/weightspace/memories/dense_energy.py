"""The energy of a dense associative memory (Krotov & Hopfield 2016; Demircigil et al. 2017) and the terms by which a
flip changes it.

    E(s) = -Σ_x F(x·s)     F(z) = max(z, 0)^n, a rectified polynomial with n ≥ 2, or F(z) = exp(z)

or F(z) = z^n with n odd (`dense.power_memory` has the even ones), over the stored patterns x of N neurons. ``(x·s)^60``
leaves every floating-point range, so energies are given in units of F(N), what a pattern contributes to its own energy:
``E / N^n`` and ``E / exp(N)``. A memory of well separated patterns has energies near -1 at each of them.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Num

# `Interaction.terms`: the table, and whether it is relative to the largest overlap.
Terms = tuple[Float64[np.ndarray, " terms"], bool]
ENERGIES = ("polynomial", "exponential", "odd_power")
# Rectified terms 1 ... (N+2)^n over a power of two above the last: down to 2^-1000, float64 holds them all to full
# precision.
_BITS = 1000
# A term below this share of the largest is 0: beside it, no sum notices, and numbers near the end of the range are
# slow.
_NOTHING = 1e-290


@dataclass(frozen=True)
class Interaction:
    """F: ``energy`` is one of `ENERGIES`; ``exponent`` is n of a polynomial, an integer of 2 or more, or of a power
    that is not rectified, an odd integer; of an exponential it is None.
    """

    energy: str
    exponent: int | float | None = None  # a whole number; others are refused

    def __post_init__(self) -> None:
        n = self.exponent
        if self.energy not in ENERGIES:
            raise ValueError(f"energy is {self.energy!r}; allowed: {', '.join(ENERGIES)}")
        if self.energy == "exponential" and n is not None:
            raise ValueError(f"exponent is {n!r}; an exponential energy has none")
        if self.energy == "polynomial" and (not isinstance(n, int) or isinstance(n, bool) or n < 2):
            raise ValueError(f"exponent is {n!r}; allowed for a polynomial energy: an integer of at least 2")
        # F must rise everywhere, which recall relies on.
        if self.energy == "odd_power" and (not isinstance(n, int) or isinstance(n, bool) or n < 1 or n % 2 == 0):
            raise ValueError(f"exponent is {n!r}; allowed for an energy of an odd power: an odd integer of at least 1")

    def terms(self, size: int) -> Terms:
        """What flips of N = ``size`` neurons are made of: ``(table, relative)`` for the kernels of `dense_recall`.

        The table holds ``F(z+2) - F(z)`` for 2N + 3 integers z in a row. A polynomial's begins at ``z = -N-2``; its
        terms are rounded once from exact integers, in units of ``2^(nb)`` with ``2^b ≥ N+2``. An exponential's is
        ``relative``: it ends at the largest overlap at hand, whatever that is, and is in units of its exp.

        Raises:
            ValueError: the terms of a polynomial do not fit into float64 side by side.
        """
        if self.exponent is None:
            table = np.exp(np.arange(-2 * size - 2, 1)) * (math.e**2 - 1)
            return np.where(table < _NOTHING, 0.0, table), True
        n, bits = int(self.exponent), (size + 1).bit_length()
        if n * bits > _BITS:
            raise ValueError(
                f"exponent is {n}; allowed for {size} neurons: at most {_BITS // bits}, so that no term is lost to"
                " rounding"
            )
        least = 0 if self.energy == "polynomial" else -size - 2
        rises = (max(z + 2, least) ** n - max(z, least) ** n for z in range(-size - 2, size + 1))
        return np.array([math.ldexp(rise, -n * bits) for rise in rises]), False

    def unit(self, size: int) -> float:
        """What turns terms of the table, an exponential's at the largest overlap N, into energies in units of F(N)."""
        return 1.0 if self.exponent is None else (2.0 ** (size + 1).bit_length() / size) ** self.exponent

    def energies(self, overlaps: Num[np.ndarray, "B P"], size: int) -> Float64[np.ndarray, " B"]:
        """``E / F(N)`` from overlaps; an exponential's is 0 where all overlaps lie more than 745 below N."""
        if self.exponent is None:
            return -np.exp(overlaps - float(size)).sum(axis=1)
        return -((self._rectified(overlaps) / size) ** self.exponent).sum(axis=1)

    def log_energies(self, overlaps: Num[np.ndarray, "B P"]) -> Float64[np.ndarray, " B"]:
        """``log |E|``, natural, of the energy itself, without units, from overlaps; -inf where E is 0."""
        if self.exponent is None:
            logs = overlaps.astype(np.float64)
        else:
            logs = np.full(overlaps.shape, -np.inf)
            sizes = np.abs(self._rectified(overlaps))
            np.log(sizes, where=sizes > 0, out=logs)
            logs *= self.exponent
        top = logs.max(axis=1)
        some = np.isfinite(top)
        total = np.full(len(logs), -np.inf)
        # The terms of an odd power have signs; those of the others are positive.
        signs = np.sign(overlaps[some]) if self.energy == "odd_power" else 1
        with np.errstate(divide="ignore"):
            total[some] = top[some] + np.log(np.abs((signs * np.exp(logs[some] - top[some, None])).sum(axis=1)))
        return total

    def _rectified(self, overlaps):
        return overlaps if self.energy == "odd_power" else np.maximum(overlaps, 0)
