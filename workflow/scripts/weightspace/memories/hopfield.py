"""The quadratic Hopfield network in exact integers: energy, fields, Hebbian and iterative learning, and the
certificate.

Weights are kept as a symmetric integer matrix M with ``W = M / scale``, so no tie is ever decided by rounding. Hebbian
and iterative learning have ``scale = 2 N``: every pass ends with a symmetrisation, and ``2 N W`` stays an integer
matrix. Real-valued rules choose a scale of their own. A diagonal, where a rule keeps one, adds the same energy to all
states and counts in recall only. Patterns are ±1.

Sources: Hopfield (1982); Musunuru et al., "Characterizing the Weight Space for Different Learning Models", eqs. 1 and 2
and section II.A.2.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

# States whose energies are computed at once: bounds the memory.
_BATCH = 4000


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
    """The integer matrix product ``left @ right`` through floating-point BLAS, exact because every partial sum is
    bounded beforehand.

    Args: integer arrays (A, K) and (K, B). Returns: int64 (A, B). Raises OverflowError where a sum could pass 2^53.
    """
    return float_product(left, right).astype(np.int64)


def float_product(left, right):
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


def natural_scale(size):
    """The scale ``2 N`` in which Hebbian and iterative weights are integers."""
    return 2 * size


def fields(weights, states):
    """Integer local fields ``M s = scale · h``, shape (B, N), for weights M (N, N) and states (B, N) of ±1."""
    return exact_product(states, weights)  # M is symmetric


def energy(weights, states, *, scale=None):
    """Energy ``E(s) = -1/2 sᵀ W s`` (eq. 2) of each state, shape (B,) float64: the exact integer ``-sᵀ M s`` over twice
    the scale (2 N).
    """
    scale = scale or natural_scale(len(weights))
    parts = (states[start : start + _BATCH] for start in range(0, len(states), _BATCH))
    quadratic = np.concatenate([np.einsum("bn,bn->b", part.astype(np.int64), fields(weights, part)) for part in parts])
    return -quadratic / (2 * scale)


def hebbian(patterns):
    """Hebbian weights ``W = Xᵀ X / N`` with zero diagonal (eq. 1), as the integer matrix ``M = 2 Xᵀ X``, shape (N, N)
    int32.
    """
    patterns = check_patterns(patterns)
    weights = 2 * exact_product(patterns.T, patterns)
    np.fill_diagonal(weights, 0)
    return weights.astype(np.int32)


def integer_margin(margin, scale):
    """``⌊scale · margin⌋``: a field in units of 1/scale exceeds the margin exactly when its integer exceeds this."""
    return math.floor(Fraction(str(margin)) * Fraction(scale))


@dataclass(frozen=True)
class LearningPass:
    """What one pass of learning met, before its correction; energy differences ΔE are those of single flips."""

    number: int
    violations: int  # of the P·N single flips, those that do not raise the energy by more than 2·margin
    flips: int  # P·N
    delta_minimum: float
    delta_q05: float
    delta_median: float
    delta_q95: float


def learning_pass(number, stabilities, violated, *, scale):
    """`LearningPass` of stabilities (P, N), integers ``scale · x_i h_i``, and where they violate the margin."""
    deltas = (2 * value / scale for value in _quantiles(stabilities, (0, 0.05, 0.5, 0.95)))  # ΔE = 2 x h
    return LearningPass(number, int(np.count_nonzero(violated)), violated.size, *deltas)


def _quantiles(values, shares):
    """What `numpy.quantile` gives for ascending shares, in a tenth of the time: each partition is of what the last one
    left above.
    """
    rest, taken, found = values.ravel(), 0, []
    for share in shares:
        place = share * (values.size - 1)
        below = math.floor(place)
        rest = np.partition(rest, below - taken)[below - taken :]
        taken = below
        low = float(rest[0])
        step = float(rest[1:].min()) - low if len(rest) > 1 else 0.0
        part = place - below
        found.append(low + step * part if part < 0.5 else low + step - step * (1 - part))
    return found


def iterative(patterns, *, margin, flip_share, passes, generator, on_pass=lambda record: None):
    """Iterative learning (section II.A.2): from the Hebbian matrix, correct all single flips that do not raise the
    energy enough.

    Flipping bit i of pattern x costs ``ΔE = 2 x_i h_i``. In each pass a share of the bits of every pattern is chosen;
    where ``x_i h_i ≤ margin``, row i receives ``x_i x_j / N``; then ``W ← (W + Wᵀ)/2`` with zero diagonal.

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
    threshold = integer_margin(margin, natural_scale(size))
    weights = hebbian(patterns)
    for number in range(passes + 1):
        stabilities = float_product(patterns, weights)  # (P, N), in units of 1/(2N)
        weights = weights.astype(stabilities.dtype, copy=False)  # stays exact, and is what BLAS takes
        stabilities *= patterns
        violated = stabilities <= threshold
        on_pass(learning_pass(number, stabilities, violated, scale=natural_scale(size)))
        if number == passes or not violated.any():
            break
        if flip_share < 1:
            violated &= _chosen(count, size, flip_share, generator)
        corrections = float_product(
            (violated * patterns).T, patterns
        )  # row i: sum of x_i x over the violating patterns
        add_symmetrically(weights, corrections)  # 2N · (correction / N), averaged with its transpose
    return as_int32(weights)


def add_symmetrically(weights, corrections):
    """Add to weights (N, N) the corrections of the rows and their transpose, and keep the diagonal 0."""
    weights += corrections
    weights += corrections.T
    np.fill_diagonal(weights, 0)


def as_int32(weights):
    """Integer weights as int32. Raises OverflowError where one is too large."""
    if np.abs(weights).max() > np.iinfo(np.int32).max:
        raise OverflowError("weights left the 32-bit range; lower the margin or the number of passes")
    return weights.astype(np.int32)


def _chosen(count, size, flip_share, generator):
    """Mask (P, N): in each row ``⌈flip_share · N⌉`` bits, drawn without replacement."""
    ranks = generator.random((count, size)).argsort(axis=1).argsort(axis=1)
    return ranks < math.ceil(flip_share * size)


@dataclass(frozen=True)
class Certificate:
    """The outcome of an exact check of all P·N single flips of the stored patterns."""

    certified: bool  # every single flip raises the energy by more than 2·margin
    violations: int
    flips: int
    delta_minimum: float  # smallest energy change by a single flip
    stability_minimum: float  # min x_i h_i / ‖W_i‖, the only figure that compares across P (Gardner 1988)


def certify(weights, patterns, *, margin, scale=None):
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


def single_flip_changes(weights, states):
    """``scale / 2 · ΔE`` of every single flip: integers ``x_i (M x)_i - M_ii``, shape (B, N)."""
    return states * fields(weights, states) - weights.diagonal()


def smallest_double_flip_change(weights, states):
    """The smallest ``scale / 2 · ΔE`` over all pairs of flips i < j, shape (B,) int64: ``g_i + g_j - 2 M_ij x_i x_j``,
    g for single flips.
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
