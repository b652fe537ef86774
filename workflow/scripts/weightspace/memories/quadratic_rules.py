"""Learning rules of quadratic memories: from patterns of ±1 to symmetric weights.

Rules that sum products of patterns give integers ``2 N W``: their passes end with a symmetrisation, and ``2 N W`` stays
an integer matrix. Rules that work with real numbers give W itself, of which `hopfield.quantise` makes integers.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int8, Int32, Num
from numpy.typing import ArrayLike

from weightspace.compiled import compiled
from weightspace.memories.hopfield import (
    as_int32,
    check_patterns,
    exact_product,
    float_product,
    integer_margin,
    natural_scale,
)

# Minimum probability flow ends where no weight changes the flow of a pattern by more than this.
_FLAT = 1e-6


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


def learning_pass(
    number: int, stabilities: Num[np.ndarray, "P N"], violated: Bool[np.ndarray, "P N"], *, scale: float
) -> LearningPass:
    """The record of stabilities, integers ``scale · x_i h_i``, and where they violate the margin."""
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


def hebbian(patterns: ArrayLike) -> Int32[np.ndarray, "N N"]:
    """Hebbian weights ``W = Xᵀ X / N`` with zero diagonal (eq. 1), as the integers ``M = 2 Xᵀ X``."""
    patterns = check_patterns(patterns)
    weights = 2 * exact_product(patterns.T, patterns)
    np.fill_diagonal(weights, 0)
    return weights.astype(np.int32)


def iterative(
    patterns: ArrayLike,
    *,
    margin: float,
    flip_share: float,
    passes: int,
    generator: np.random.Generator | None,
    on_pass: Callable[[LearningPass], object] = lambda record: None,
) -> Int32[np.ndarray, "N N"]:
    """Iterative learning (section II.A.2): from the Hebbian matrix, correct all single flips that do not raise the
    energy enough.

    Flipping bit i of pattern x costs ``ΔE = 2 x_i h_i``. In each pass a share of the bits of every pattern is chosen;
    where ``x_i h_i ≤ margin``, row i receives ``x_i x_j / N``; then ``W ← (W + Wᵀ)/2`` with zero diagonal.

    Args:
        patterns: (P, N) of ±1.
        margin: smallest admitted ``x_i h_i``, exclusive, in energy units.
        flip_share: share of the bits that a pass checks, in (0, 1].
        passes: at most so many corrections.
        generator: chooses the bits where ``flip_share < 1``; else it is not needed.
        on_pass: called with a `LearningPass` before each correction and once at the end.

    Returns:
        The integers ``2 N W``. Whether they satisfy the margin everywhere is for `hopfield.certify` to say.

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
        # Row i: the sum of x_i x over the violating patterns.
        corrections = float_product((violated * patterns).T, patterns)
        _add_symmetrically(weights, corrections)  # 2N · (correction / N), averaged with its transpose
    return as_int32(weights)


def _add_symmetrically(weights, corrections):
    """Add to weights (N, N) the corrections of the rows and their transpose, and keep the diagonal 0."""
    weights += corrections
    weights += corrections.T
    np.fill_diagonal(weights, 0)


def _chosen(count, size, flip_share, generator):
    """Mask (P, N): in each row ``⌈flip_share · N⌉`` bits, drawn without replacement."""
    ranks = generator.random((count, size)).argsort(axis=1).argsort(axis=1)
    return ranks < math.ceil(flip_share * size)


def perceptron(patterns: ArrayLike, *, margin: int, passes: int) -> Int32[np.ndarray, "N N"]:
    """Perceptron learning of symmetric weights, the patterns one after the other and neuron after neuron: where
    ``x_i h_i`` does not exceed the margin, ``x_i x_j`` is added to every weight of neuron i, in both directions.

    Its corrections are seen by the next neuron, which those of `iterative`, made together, are not: many patterns that
    no weights can hold leave it nearly right on most, where `iterative` wanders off.

    Args:
        patterns: (P, N) of ±1.
        margin: an integer field, since all weights are integers, from 0.
        passes: over all patterns.

    Returns:
        The integers W themselves, with zero diagonal.
    """
    patterns = check_patterns(patterns).astype(np.int32)
    weights = np.zeros((patterns.shape[1], patterns.shape[1]), dtype=np.int32)
    for _ in range(passes):
        _learn_in_turn(weights, patterns, np.int32(margin))
    return weights


@compiled
def _learn_in_turn(weights, patterns, margin):
    size = len(weights)
    for pattern in patterns:
        for i in range(size):
            row = weights[i]
            field = np.int32(0)
            for j in range(size):
                field += row[j] * pattern[j]
            if field * pattern[i] <= margin:
                for j in range(size):
                    row[j] += pattern[i] * pattern[j]
                row[i] = 0
                for j in range(size):
                    weights[j, i] = row[j]


def storkey(patterns: Int8[np.ndarray, "P N"]) -> Float64[np.ndarray, "N N"]:
    """Storkey's rule (Storkey 1997; Storkey & Valabregue 1999), the patterns one after the other.

    ``W_ij += (x_i x_j - x_i h_ji - h_ij x_j) / N`` with ``h_ij = Σ_{k ≠ i, j} W_ik x_k``, and a zero diagonal. With the
    whole fields ``h = W x``, ``h_ij = h_i - W_ij x_j``, so all of it is ``W += (x xᵀ - x hᵀ - h xᵀ + 2 W) / N``.
    """
    size = patterns.shape[1]
    weights = np.zeros((size, size))
    for pattern in patterns.astype(np.float64):
        crossed = np.outer(pattern, pattern / 2 - weights @ pattern)
        weights += (crossed + crossed.T + 2 * weights) / size
        np.fill_diagonal(weights, 0)
    return weights


def pseudo_inverse(patterns: Int8[np.ndarray, "P N"], *, diagonal: bool = False) -> Float64[np.ndarray, "N N"]:
    """The projection onto the space that the patterns span (Personnaz, Guyon & Dreyfus 1986; Kanter & Sompolinsky
    1987).

    ``W = X⁺ X``, so that ``W x = x`` for every pattern. The pseudo-inverse of Moore and Penrose needs no independent
    patterns. Without its diagonal W still stores them, but for pixels of which the diagonal entry is 1, and has wider
    basins.
    """
    _, singular, directions = np.linalg.svd(patterns.astype(np.float64), full_matrices=False)
    spanning = directions[singular > singular[0] * max(patterns.shape) * np.finfo(np.float64).eps]
    weights = spanning.T @ spanning
    weights = (weights + weights.T) / 2
    if not diagonal:
        np.fill_diagonal(weights, 0)
    return weights


def krauth_mezard(
    patterns: Int8[np.ndarray, "P N"],
    *,
    margin: float,
    steps: int,
    on_pass: Callable[[LearningPass], object] = lambda record: None,
) -> Int32[np.ndarray, "N N"]:
    """Learning with minimal overlap (Krauth & Mézard 1987), of symmetric weights (Gardner, Gutfreund & Yekutieli 1989).

    From ``W = 0``, each neuron finds the pattern in which it is least stable. Where its ``x_i h_i ≤ margin``, row i
    receives ``x_i x_j / N``; then ``W ← (W + Wᵀ)/2`` with zero diagonal. The larger the margin, the larger the
    normalised stability, up to a limit a few per cent below the best of symmetric weights, since all neurons correct
    what is weakest for them. Krauth and Mézard learn each row by itself; such rows, made symmetric at the end, did not
    store 100 images of MNIST.

    Args:
        margin: smallest admitted ``x_i h_i``, exclusive, as for `iterative`.
        steps: at most so many corrections.
        on_pass: called with a `LearningPass` before each correction and once at the end.

    Returns:
        The integers ``2 N W``. Whether they satisfy the margin everywhere is for `hopfield.certify` to say.

    Raises:
        OverflowError: weights leave the int32 range.
    """
    size = patterns.shape[1]
    scale, neurons = natural_scale(size), np.arange(size)
    threshold = integer_margin(margin, scale)
    weights = np.zeros((size, size), dtype=np.int32)
    for number in range(steps + 1):
        stabilities = float_product(patterns, weights)
        weights = weights.astype(stabilities.dtype, copy=False)
        stabilities *= patterns
        on_pass(learning_pass(number, stabilities, stabilities <= threshold, scale=scale))
        weakest = stabilities.argmin(axis=0)
        violated = stabilities[weakest, neurons] <= threshold
        if number == steps or not violated.any():
            break
        _add_symmetrically(weights, (violated * patterns[weakest, neurons])[:, None] * patterns[weakest])
    return as_int32(weights)


def minimum_probability_flow(patterns: Int8[np.ndarray, "P N"], *, steps: int) -> Float64[np.ndarray, "N N"]:
    """Minimum probability flow (Sohl-Dickstein, Battaglino & DeWeese 2011; Hillar, Sohl-Dickstein & Koepsell 2012).

    Minimises the flow from the patterns to their single flips, ``K = Σ_x Σ_i exp(-x_i h_i)`` (an exponential of half
    the energy difference), which is convex in the symmetric weights, by L-BFGS of at most ``steps`` iterations. Where K
    < 1, all patterns are strict minima.
    """
    from scipy.optimize import minimize

    size, signs = patterns.shape[1], patterns.astype(np.float64)
    above = np.triu_indices(size, 1)

    def symmetric(entries):
        weights = np.zeros((size, size))
        weights[above] = entries
        return weights + weights.T

    def flow(entries):
        rates = np.exp(-signs * (signs @ symmetric(entries)))  # (P, N)
        slope = -(rates * signs).T @ signs
        return rates.sum(), (slope + slope.T)[above]

    options = {"maxiter": steps, "maxcor": 5, "ftol": 0, "gtol": _FLAT * len(patterns)}
    return symmetric(minimize(flow, np.zeros(len(above[0])), jac=True, method="L-BFGS-B", options=options).x)
