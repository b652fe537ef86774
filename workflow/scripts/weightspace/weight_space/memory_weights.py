"""W_t = W_e + W_g + W_n for memories: every symmetric binary Hopfield matrix visited, and the volume of one real-valued
row (Gardner 1988).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int8, Int64, Real
from scipy import integrate, optimize, special

from weightspace.compiled import compiled
from weightspace.data.hypercube import first_distinct, random_patterns
from weightspace.data.patterns import Patterns
from weightspace.data.shrunken_digits import small_candidates
from weightspace.draws import generator as seeded
from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.splitting import simulate
from weightspace.weight_space import CLASSES
from weightspace.weight_space.binary_weights import shares_of_classes
from weightspace.weight_space.spaces import LinearUnit

LARGEST = 8  # neurons: 2^28 matrices, some minutes
_SWEEPS = 100  # far more than so few neurons need


def enumerate_matrices(patterns: Real[np.ndarray, "P N"], *, threshold: float) -> Int64[np.ndarray, "3"]:
    """Count all symmetric matrices with entries ±1 off a zero diagonal by what they do with stored patterns.

    ``exact``: all patterns are strict fixed points. ``generalised``: not exact, and of all starts one bit away from a
    pattern at least the share ``threshold`` fall back to it (asynchronous recall, sequential order, a tie keeps the
    state). ``neither``: the rest.

    Args:
        patterns: ±1.

    Returns:
        the three counts, whose sum is 2^(N(N−1)/2).

    Raises:
        ValueError: more neurons than can be enumerated, with the matrices there would be.
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


def row_volume(
    patterns: Int8[np.ndarray, "P N"],
    neuron: int,
    *,
    particles: int,
    sweeps: int,
    levels: int,
    generator: np.random.Generator,
) -> float:
    """One run's natural logarithm of the share of rows of real-valued weights on the sphere that hold one neuron's bit
    in every pattern.

    The row of neuron i has the N − 1 other neurons as inputs; ``x_i h_i > 0`` is asked of each pattern x. Below the
    lowest level it is −inf.

    Args:
        patterns: ±1; the rest as in `splitting.simulate`.
    """
    signed = np.delete(patterns, neuron, axis=1) * patterns[:, [neuron]]
    run = simulate(
        LinearUnit(signed), largest=len(signed), particles=particles, sweeps=sweeps, levels=levels, generator=generator
    )
    return float(run.log_share[0]) if np.isfinite(run.log_share[0]) else -np.inf


def gardner_log10_volume(load: float) -> float:
    """Replica-symmetric log10 volume per weight of a row at load P/N for random patterns without margin, −inf from load
    2 on.

    The extremum over the overlap q of ``½ ln(1−q) + q / (2(1−q)) + load ∫ Dt ln H(√(q/(1−q)) t)`` (Gardner 1988;
    Gardner & Derrida 1988).
    """
    if load >= 2:
        return -np.inf

    def entropy(overlap: float) -> float:
        def weighed(t: float) -> float:
            return np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi) * special.log_ndtr(np.sqrt(overlap / (1 - overlap)) * t)

        return 0.5 * np.log1p(-overlap) + overlap / (2 * (1 - overlap)) + load * integrate.quad(weighed, -12, 12)[0]

    return float(
        optimize.minimize_scalar(entropy, bounds=(0.0, 1 - 1e-6), method="bounded", options={"xatol": 1e-9}).fun
        / np.log(10)
    )


def partition_memories(
    data: Patterns, *, neurons: int, digits: Sequence[int], stored: Sequence[int], seeds: int, threshold: float
) -> pd.DataFrame:
    """Counts of all symmetric binary matrices by data, number of stored patterns, seed and class.

    Args:
        neurons: of random patterns, at most 8.
        digits: (height, width) to which images are shrunk, with as many pixels.
    """
    rows = []
    for seed, kind, patterns in small_candidates(data, neurons=neurons, digits=digits, stored=stored, seeds=seeds):
        for count in stored:
            counts = enumerate_matrices(first_distinct(patterns, count), threshold=threshold)
            head = {"data": kind, "neurons": patterns.shape[1], "stored": count, "seed": seed}
            rows += [{**head, "kind": name, "count": number} for name, number in zip(CLASSES, counts, strict=True)]
    return pd.DataFrame(rows)


def measure_rows(
    *, neurons: int, loads: Sequence[float], seeds: int, particles: int, sweeps: int, levels: int
) -> pd.DataFrame:
    """Natural log volumes of one row for random patterns, by load P / (N − 1) and seed, each by one run of subset
    simulation.
    """
    rows = []
    for load in loads:
        for seed in range(seeds):
            patterns = random_patterns(round(load * (neurons - 1)), neurons, generator=seeded(seed, "row patterns"))
            drawn = seeded(seed, "row volume", len(patterns))
            volume = row_volume(patterns, 0, particles=particles, sweeps=sweeps, levels=levels, generator=drawn)
            rows.append({"neurons": neurons, "stored": len(patterns), "seed": seed, "log_volume": volume})
    return pd.DataFrame(rows)


def summarise(counts: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The table `memory_weight_partition`: exact shares of the matrices in each class; log10 volume of a real-valued
    row beside Gardner's.
    """
    bits = counts.neurons * (counts.neurons - 1) // 2
    matrices = estimates_by(["data", "neurons", "stored"], counts.assign(bits=bits), shares_of_classes)
    volumes = estimates_by(["neurons", "stored"], rows, _row_volumes).assign(data="random")
    return pd.concat([matrices, volumes], ignore_index=True)


def _row_volumes(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    weights = int(rows.neurons.iloc[0]) - 1
    estimate = mean_over_seeds(rows.log_volume / np.log(10), n=len(rows), bounds=(-np.inf, 0.0))
    theory = weights * gardner_log10_volume(rows.stored.iloc[0] / weights)
    head = {"class": "exact", "quantity": "log10_volume_of_a_row"}
    yield {**head, **vars(estimate), "guarantee": "asymptotic", "theory": theory}
