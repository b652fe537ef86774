"""The weight space of a memory: every symmetric binary Hopfield matrix visited, and the volume of one real-valued row
(Gardner 1988).
"""

import numpy as np
from scipy import integrate, optimize, special

from weightspace.compiled import compiled
from weightspace.splitting import simulate
from weightspace.weight_space.spaces import LinearUnit

LARGEST = 8  # neurons: 2^28 matrices, some minutes
_SWEEPS = 100  # far more than so few neurons need


def enumerate_matrices(patterns, *, threshold):
    """Count all symmetric matrices with entries ±1 off a zero diagonal by what they do with stored patterns.

    ``exact``: all patterns are strict fixed points. ``generalised``: not exact, and of all starts one bit away from a
    pattern at least the share ``threshold`` fall back to it (asynchronous recall, sequential order, a tie keeps the
    state). ``neither``: the rest.

    Args: patterns (P, N) of ±1.
    Returns: the three counts, int64, whose sum is 2^(N(N−1)/2).
    Raises: ValueError: more neurons than can be enumerated, with the matrices there would be.
    """
    patterns = np.ascontiguousarray(patterns, dtype=np.int64)
    size = patterns.shape[1]
    if size > LARGEST:
        pairs = size * (size - 1) // 2
        raise ValueError(
            f"{size} neurons have 2^{pairs} symmetric binary matrices, {2.0 ** (pairs - 30):,.3g} GiB for one byte"
            f" each; at most {LARGEST} neurons"
        )
    counts = np.zeros(3, np.int64)
    _visit(patterns, threshold * patterns.size, counts)
    return counts


@compiled
def _matrix(code, weights):
    """Fill ``weights`` with the matrix whose entries above the diagonal are the bits of ``code``, row by row."""
    size, bit = len(weights), 0
    for i in range(size):
        weights[i, i] = 0
        for j in range(i + 1, size):
            weights[i, j] = weights[j, i] = 2 * ((code >> bit) & 1) - 1
            bit += 1


@compiled
def _returns(weights, state, pattern):
    """Whether recall from ``state``, which is overwritten, ends in ``pattern``."""
    size = len(state)
    for _ in range(_SWEEPS):
        changed = False
        for i in range(size):
            field = 0
            for j in range(size):
                field += weights[i, j] * state[j]
            if field * state[i] < 0:
                state[i] = -state[i]
                changed = True
        if not changed:
            break
    return not (state != pattern).any()


@compiled
def _all_strict(weights, patterns):
    for pattern in patterns:
        for i in range(len(pattern)):
            field = 0
            for j in range(len(pattern)):
                field += weights[i, j] * pattern[j]
            if field * pattern[i] <= 0:
                return False
    return True


@compiled
def _visit(patterns, enough, counts):
    size = patterns.shape[1]
    weights, state = np.zeros((size, size), np.int64), np.zeros(size, np.int64)
    for code in range(1 << (size * (size - 1) // 2)):
        _matrix(code, weights)
        if _all_strict(weights, patterns):
            counts[0] += 1
            continue
        back = 0
        for pattern in patterns:
            for i in range(size):
                state[:] = pattern
                state[i] = -state[i]
                back += _returns(weights, state, pattern)
        counts[1 if back >= enough else 2] += 1


def row_volume(patterns, neuron, *, particles, sweeps, levels, generator):
    """One run's natural logarithm of the share of rows of real-valued weights on the sphere that hold one neuron's bit
    in every pattern.

    The row of neuron i has the N − 1 other neurons as inputs; ``x_i h_i > 0`` is asked of each pattern x. Below the
    lowest level it is −inf.

    Args: patterns (P, N) of ±1; neuron i; the rest as in `splitting.simulate`.
    """
    signed = np.delete(patterns, neuron, axis=1) * patterns[:, [neuron]]
    run = simulate(
        LinearUnit(signed), largest=len(signed), particles=particles, sweeps=sweeps, levels=levels, generator=generator
    )
    return run.log_share[0] if np.isfinite(run.log_share[0]) else -np.inf


def gardner_log10_volume(load):
    """Replica-symmetric log10 volume per weight of a row at load P/N for random patterns without margin, −inf from load
    2 on.

    The extremum over the overlap q of ``½ ln(1−q) + q / (2(1−q)) + load ∫ Dt ln H(√(q/(1−q)) t)`` (Gardner 1988;
    Gardner & Derrida 1988).
    """
    if load >= 2:
        return -np.inf

    def entropy(overlap):
        def weighed(t):
            return np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi) * special.log_ndtr(np.sqrt(overlap / (1 - overlap)) * t)

        return 0.5 * np.log1p(-overlap) + overlap / (2 * (1 - overlap)) + load * integrate.quad(weighed, -12, 12)[0]

    return float(
        optimize.minimize_scalar(entropy, bounds=(0.0, 1 - 1e-6), method="bounded", options={"xatol": 1e-9}).fun
        / np.log(10)
    )
