"""The quadratic Hopfield network in exact integers: energy, fields, Hebbian and iterative learning, and the certificate.

Weights are kept as the symmetric integer matrix ``M = 2 N W`` with a zero diagonal. Every pass of iterative learning ends with a
symmetrisation, so M stays an integer matrix, and no tie is ever decided by rounding. Patterns are ±1.

Sources: Hopfield (1982); Musunuru et al., "Characterizing the Weight Space for Different Learning Models", eqs. 1 and 2 and section II.A.2.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


def check_patterns(patterns, *, size=None):
    """Return ``patterns`` as an int8 array (B, N) of ±1.

    Raises:
        ValueError: not two-dimensional, empty, not ±1 (NaN included), or not of the length ``size``.
    """
    patterns = np.asarray(patterns)
    if patterns.ndim != 2 or 0 in patterns.shape:
        raise ValueError(f"patterns must be a non-empty array (number, pixels), found shape {patterns.shape}")
    if size is not None and patterns.shape[1] != size:
        raise ValueError(f"patterns must have {size} pixels each, found {patterns.shape[1]}")
    if not np.all((patterns == 1) | (patterns == -1)):
        raise ValueError("patterns must hold -1 and +1 only")
    return patterns.astype(np.int8, copy=False)


def exact_product(left, right):
    """The integer matrix product ``left @ right`` through floating-point BLAS, exact because every partial sum is bounded beforehand.

    Args: integer arrays (A, K) and (K, B). Returns: int64 (A, B). Raises OverflowError where a sum could pass 2^53.
    """
    bound = np.abs(left).max(initial=0).astype(np.int64) * np.abs(right, dtype=np.int64).sum(axis=0).max(initial=0)
    if bound >= 2**53:
        raise OverflowError(f"a sum of {left.shape[1]} integer products could reach {bound}, above the 2^53 that are exact in float64")
    kind = np.float32 if bound < 2**24 else np.float64
    return (left.astype(kind) @ right.astype(kind)).astype(np.int64)


def fields(weights, states):
    """Integer local fields ``M s = 2 N h``, shape (B, N), for weights M (N, N) and states (B, N) of ±1."""
    return exact_product(states, weights)  # M is symmetric


def energy(weights, states):
    """Energy ``E(s) = -1/2 sᵀ W s`` (eq. 2) of each state, shape (B,) float64: the exact integer ``-sᵀ M s`` over ``4 N``."""
    quadratic = np.einsum("bn,bn->b", states.astype(np.int64), fields(weights, states))
    return -quadratic / (4 * weights.shape[0])


def hebbian(patterns):
    """Hebbian weights ``W = Xᵀ X / N`` with zero diagonal (eq. 1), as the integer matrix ``M = 2 Xᵀ X``, shape (N, N) int32."""
    patterns = check_patterns(patterns)
    weights = 2 * exact_product(patterns.T, patterns)
    np.fill_diagonal(weights, 0)
    return weights.astype(np.int32)


def integer_margin(margin, size):
    """``⌊2 N margin⌋``: a field in units of 1/(2N) exceeds the margin exactly when its integer exceeds this."""
    return math.floor(Fraction(str(margin)) * 2 * size)


@dataclass(frozen=True)
class LearningPass:
    """What one pass of iterative learning met, before its correction; energy differences ΔE are those of single flips."""

    number: int
    violations: int  # of the P·N single flips, those that do not raise the energy by more than 2·margin
    flips: int  # P·N
    delta_minimum: float
    delta_q05: float
    delta_median: float
    delta_q95: float


def iterative(patterns, *, margin, flip_share, passes, generator, on_pass=lambda record: None):
    """Iterative learning (section II.A.2): from the Hebbian matrix, correct all single flips that do not raise the energy enough.

    Flipping bit i of pattern x costs ``ΔE = 2 x_i h_i``. In each pass a share of the bits of every pattern is chosen; where
    ``x_i h_i ≤ margin``, row i receives ``x_i x_j / N``; then ``W ← (W + Wᵀ)/2`` with zero diagonal.

    Args:
        patterns: (P, N) of ±1.
        margin: smallest admitted ``x_i h_i``, exclusive, in energy units.
        flip_share: share of the bits that a pass checks, in (0, 1].
        passes: at most so many corrections.
        generator: numpy Generator that chooses the bits where ``flip_share < 1``.
        on_pass: called with a `LearningPass` before each correction and once at the end.

    Returns:
        M (N, N) int32. Whether it satisfies the margin everywhere is for `certify` to say.

    Raises:
        OverflowError: weights leave the int32 range.
    """
    patterns = check_patterns(patterns)
    count, size = patterns.shape
    threshold = integer_margin(margin, size)
    weights = hebbian(patterns).astype(np.int64)
    for number in range(passes + 1):
        stabilities = patterns * fields(weights, patterns)  # (P, N), in units of 1/(2N)
        violated = stabilities <= threshold
        on_pass(_record(number, stabilities, violated))
        if not violated.any() or number == passes:
            break
        if flip_share < 1:
            violated &= _chosen(count, size, flip_share, generator)
        corrections = exact_product((violated * patterns).T, patterns)  # row i: sum of x_i x over the violating patterns
        weights += corrections + corrections.T  # 2N · (correction / N), averaged with its transpose
        np.fill_diagonal(weights, 0)
    if np.abs(weights).max() > np.iinfo(np.int32).max:
        raise OverflowError(f"weights left the 32-bit range after {passes} passes; lower the margin or the number of passes")
    return weights.astype(np.int32)


def _chosen(count, size, flip_share, generator):
    """Mask (P, N): in each row ``⌈flip_share · N⌉`` bits, drawn without replacement."""
    ranks = generator.random((count, size)).argsort(axis=1).argsort(axis=1)
    return ranks < math.ceil(flip_share * size)


def _record(number, stabilities, violated):
    q05, median, q95 = np.quantile(stabilities, [0.05, 0.5, 0.95])
    size = stabilities.shape[1]
    deltas = (float(value) / size for value in (stabilities.min(), q05, median, q95))  # ΔE = 2 x h = stability / N
    return LearningPass(number, int(violated.sum()), violated.size, *deltas)


@dataclass(frozen=True)
class Certificate:
    """The outcome of an exact check of all P·N single flips of the stored patterns."""

    certified: bool  # every single flip raises the energy by more than 2·margin
    violations: int
    flips: int
    delta_minimum: float  # smallest energy change by a single flip
    stability_minimum: float  # min x_i h_i / ‖W_i‖, the only figure that compares across P (Gardner 1988)


def certify(weights, patterns, *, margin):
    """Check exactly that all single flips of all stored patterns raise the energy by more than ``2 · margin``."""
    size = weights.shape[0]
    stabilities = patterns * fields(weights, patterns)
    violations = int((stabilities <= integer_margin(margin, size)).sum())
    norms = np.sqrt((weights.astype(np.float64) ** 2).sum(axis=1))
    # A pixel that never takes part has no weights; its stability is 0, not NaN.
    normalised = stabilities / np.where(norms > 0, norms, 1)
    return Certificate(violations == 0, violations, stabilities.size, float(stabilities.min()) / size, float(normalised.min()))


def single_flip_changes(weights, states):
    """``N ΔE`` of every single flip: integers ``x_i (M x)_i``, shape (B, N)."""
    return states * fields(weights, states)


def smallest_double_flip_change(weights, states):
    """The smallest ``N ΔE`` over all pairs of flips i < j, shape (B,) int64.

    ``N ΔE_ij = g_i + g_j - 2 M_ij x_i x_j`` with the single-flip changes g.
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
