"""The quadratic Hopfield network in exact integers: energy, fields, and the certificate that patterns are stored.

Weights are kept as a symmetric integer matrix M with ``W = M / scale``, so no tie is ever decided by rounding. Rules
that sum products of patterns have ``scale = 2 N``; weights of real-valued rules are quantised to a scale of their own.
A diagonal, where a rule keeps one, adds the same energy to all states and counts in recall only. Patterns are ±1.

Sources: Hopfield (1982); Musunuru et al., "Characterizing the Weight Space for Different Learning Models", eqs. 1 and 2
and section II.A.2.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float, Int, Int8, Int32, Int64, Num
from numpy.typing import ArrayLike

# States whose energies are computed at once: bounds the memory.
_BATCH = 4000
# Beyond this scale integers would keep the rounding errors of weights that are 0, or nearly.
_FINEST = 2.0**40


def check_patterns(patterns: ArrayLike, *, size: int | None = None) -> Int8[np.ndarray, "B N"]:
    """The patterns of ±1 as an array.

    Raises:
        ValueError: not two-dimensional, empty, not ±1 (NaN included), or not of the length ``size``.
    """
    patterns = np.asarray(patterns)
    if patterns.ndim != 2 or 0 in patterns.shape:
        one = "; one pattern as pattern[None]" if patterns.ndim == 1 and patterns.size else ""
        raise ValueError(f"patterns must be a non-empty array (number, pixels), found shape {patterns.shape}{one}")
    if size is not None and patterns.shape[1] != size:
        raise ValueError(f"patterns must have {size} pixels each, found {patterns.shape[1]}")
    if not np.all((patterns == 1) | (patterns == -1)):
        raise ValueError("patterns must hold -1 and +1 only")
    return patterns.astype(np.int8, copy=False)


def exact_product(left: Num[np.ndarray, "A K"], right: Num[np.ndarray, "K B"]) -> Int64[np.ndarray, "A B"]:
    """The matrix product of integers through floating-point BLAS, exact because every partial sum is bounded
    beforehand.

    Raises:
        OverflowError: a sum could pass 2^53.
    """
    return float_product(left, right).astype(np.int64)


def float_product(left: Num[np.ndarray, "A K"], right: Num[np.ndarray, "K B"]) -> Float[np.ndarray, "A B"]:
    """`exact_product` of integers of any type as the floating-point numbers that BLAS returns: float32 where that is
    exact, else float64.
    """
    largest = max(float(left.max(initial=0)), -float(left.min(initial=0)))
    sums = np.abs(right, dtype=right.dtype if right.dtype.kind == "f" else np.float64).sum(axis=0)
    bound = largest * float(sums.max(initial=0))
    if bound >= 2**53:
        raise OverflowError(
            f"a sum of {left.shape[1]} integer products could reach {bound:.0f}, above the 2^53 that are exact in"
            " float64"
        )
    # float32 is exact up to 2^24: that much room lets a caller go on adding to what came out.
    kind = np.float32 if bound < 2**23 else np.float64
    return left.astype(kind, copy=False) @ right.astype(kind, copy=False)


def natural_scale(size: int) -> int:
    """The scale ``2 N`` in which Hebbian and iterative weights are integers."""
    return 2 * size


def fields(weights: Int[np.ndarray, "N N"], states: Int[np.ndarray, "B N"]) -> Int64[np.ndarray, "B N"]:
    """Integer local fields ``M s = scale · h`` for weights M and states of ±1."""
    return exact_product(states, weights)  # M is symmetric


def energy(
    weights: Int[np.ndarray, "N N"], states: Int[np.ndarray, "B N"], *, scale: float | None = None
) -> Float[np.ndarray, " B"]:
    """Energy ``E(s) = -1/2 sᵀ W s`` (eq. 2) of each state: the exact integer ``-sᵀ M s`` over twice the scale (2 N)."""
    scale = scale or natural_scale(len(weights))
    parts = (states[start : start + _BATCH] for start in range(0, len(states), _BATCH))
    quadratic = np.concatenate([np.einsum("bn,bn->b", part.astype(np.int64), fields(weights, part)) for part in parts])
    return -quadratic / (2 * scale)


def integer_margin(margin: float, scale: float) -> int:
    """``⌊scale · margin⌋``: a field in units of 1/scale exceeds the margin exactly when its integer exceeds this."""
    return math.floor(Fraction(str(margin)) * Fraction(scale))


def as_int32(weights: Num[np.ndarray, "N N"]) -> Int32[np.ndarray, "N N"]:
    """Integer weights as int32. Raises OverflowError where one is too large."""
    if np.abs(weights).max() > np.iinfo(np.int32).max:
        raise OverflowError("weights left the 32-bit range; lower the margin or the number of passes")
    return weights.astype(np.int32)


def quantise(weights: Float[np.ndarray, "N N"]) -> tuple[Int32[np.ndarray, "N N"], float]:
    """Real symmetric weights as integers M and the scale, a power of two, with ``W ≈ M / scale``.

    The scale is as large as it can be with all local fields within 32 bits, and at most 2^40.

    Raises:
        OverflowError: weights are infinite or not a number.
    """
    largest = np.abs(weights).sum(axis=1).max()
    if not math.isfinite(largest):
        raise OverflowError("the rule's weights grew beyond floating-point numbers; store fewer patterns")
    # A bit is left for what rounding may add to a row.
    scale = min(2.0 ** (30 - math.frexp(largest)[1]), _FINEST)
    return np.rint(weights * scale).astype(np.int32), scale


@dataclass(frozen=True)
class Certificate:
    """The outcome of an exact check of all P·N single flips of the stored patterns."""

    certified: bool  # every single flip raises the energy by more than 2·margin
    violations: int
    flips: int
    delta_minimum: float  # smallest energy change by a single flip
    stability_minimum: float  # min x_i h_i / ‖W_i‖, the only figure that compares across P (Gardner 1988)


def certify(
    weights: Int[np.ndarray, "N N"], patterns: Int[np.ndarray, "P N"], *, margin: float, scale: float | None = None
) -> Certificate:
    """Check exactly that all single flips of all stored patterns raise the energy by more than ``2 · margin``; the
    scale is 2 N by default.
    """
    scale = scale or natural_scale(len(weights))
    stabilities = single_flip_changes(weights, patterns)
    violations = int((stabilities <= integer_margin(margin, scale)).sum())
    others = weights.astype(np.float64)
    np.fill_diagonal(others, 0)
    norms = np.sqrt((others**2).sum(axis=1))
    # A pixel that never takes part has no weights; its stability is 0, not NaN.
    normalised = stabilities / np.where(norms > 0, norms, 1)
    return Certificate(
        violations == 0, violations, stabilities.size, 2 * float(stabilities.min()) / scale, float(normalised.min())
    )


def single_flip_changes(weights: Int[np.ndarray, "N N"], states: Int[np.ndarray, "B N"]) -> Int64[np.ndarray, "B N"]:
    """``scale / 2 · ΔE`` of every single flip: integers ``x_i (M x)_i - M_ii``."""
    return states * fields(weights, states) - weights.diagonal()


def smallest_double_flip_change(
    weights: Int[np.ndarray, "N N"], states: Int[np.ndarray, "B N"]
) -> Int64[np.ndarray, " B"]:
    """The smallest ``scale / 2 · ΔE`` over all pairs of flips i < j: ``g_i + g_j - 2 M_ij x_i x_j``, g for single
    flips.
    """
    changes = single_flip_changes(weights, states)
    doubled = 2 * weights.astype(np.int64)
    diagonal = np.arange(weights.shape[0])
    smallest = np.empty(len(states), dtype=np.int64)
    for row, (state, change) in enumerate(zip(states.astype(np.int64), changes, strict=True)):
        pairs = change[:, None] + change[None, :] - doubled * (state[:, None] * state[None, :])
        pairs[diagonal, diagonal] = np.iinfo(np.int64).max
        smallest[row] = pairs.min()
    return smallest
