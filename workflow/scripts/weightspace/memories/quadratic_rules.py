"""Learning rules of quadratic memories besides Hebbian and iterative learning: from patterns (P, N) of ±1 to symmetric
weights (N, N).

Where a rule works with real numbers, `quantise` makes integers of its weights, with which they are certified and
recalled.
"""

import math

import numpy as np

from weightspace.memories import hopfield

# Beyond this scale integers would keep the rounding errors of weights that are 0, or nearly.
_FINEST = 2.0**40
# Minimum probability flow ends where no weight changes the flow of a pattern by more than this.
_FLAT = 1e-6


def quantise(weights):
    """Real symmetric weights as integers: M (N, N) int32 and the scale, a power of two, with ``W ≈ M / scale``.

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


def storkey(patterns):
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


def pseudo_inverse(patterns, *, diagonal=False):
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


def krauth_mezard(patterns, *, margin, steps, on_pass=lambda record: None):
    """Learning with minimal overlap (Krauth & Mézard 1987), of symmetric weights (Gardner, Gutfreund & Yekutieli 1989).

    From ``W = 0``, each neuron finds the pattern in which it is least stable. Where its ``x_i h_i ≤ margin``, row i
    receives ``x_i x_j / N``; then ``W ← (W + Wᵀ)/2`` with zero diagonal. The larger the margin, the larger the
    normalised stability, up to a limit a few per cent below the best of symmetric weights, since all neurons correct
    what is weakest for them. Krauth and Mézard learn each row by itself; such rows, made symmetric at the end, did not
    store 100 images of MNIST.

    Args:
        margin: smallest admitted ``x_i h_i``, exclusive, as for `hopfield.iterative`.
        steps: at most so many corrections.
        on_pass: called with a `hopfield.LearningPass` before each correction and once at the end.

    Returns:
        M (N, N) int32, the integers ``2 N W``. Whether it satisfies the margin everywhere is for `hopfield.certify` to
        say.

    Raises:
        OverflowError: weights leave the int32 range.
    """
    size = patterns.shape[1]
    scale, neurons = hopfield.natural_scale(size), np.arange(size)
    threshold = hopfield.integer_margin(margin, scale)
    weights = np.zeros((size, size), dtype=np.int32)
    for number in range(steps + 1):
        stabilities = hopfield.float_product(patterns, weights)
        weights = weights.astype(stabilities.dtype, copy=False)
        stabilities *= patterns
        on_pass(hopfield.learning_pass(number, stabilities, stabilities <= threshold, scale=scale))
        weakest = stabilities.argmin(axis=0)
        violated = stabilities[weakest, neurons] <= threshold
        if number == steps or not violated.any():
            break
        hopfield.add_symmetrically(weights, (violated * patterns[weakest, neurons])[:, None] * patterns[weakest])
    return hopfield.as_int32(weights)


def minimum_probability_flow(patterns, *, steps):
    """Minimum probability flow (Sohl-Dickstein, Battaglino & DeWeese 2011; Hillar, Sohl-Dickstein & Koepsell 2012).

    Minimises the flow from the patterns to their single flips, ``K = Σ_x Σ_i exp(-x_i h_i)`` (an exponential of half
    the energy difference), which is convex in the symmetric weights, by L-BFGS of at most ``steps`` iterations. Where K
    < 1, all patterns are strict minima.
    """
    from scipy.optimize import minimize

    size, patterns = patterns.shape[1], patterns.astype(np.float64)
    above = np.triu_indices(size, 1)

    def symmetric(entries):
        weights = np.zeros((size, size))
        weights[above] = entries
        return weights + weights.T

    def flow(entries):
        rates = np.exp(-patterns * (patterns @ symmetric(entries)))  # (P, N)
        slope = -(rates * patterns).T @ patterns
        return rates.sum(), (slope + slope.T)[above]

    options = {"maxiter": steps, "maxcor": 5, "ftol": 0, "gtol": _FLAT * len(patterns)}
    return symmetric(minimize(flow, np.zeros(len(above[0])), jac=True, method="L-BFGS-B", options=options).x)
