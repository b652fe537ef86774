"""Recall of a quadratic memory: asynchronous, sequential order, a tie keeps the state, until no state changes; exact in integers.

Event-driven: the fields of the whole batch come from one matrix product, and a row is updated only when a state flips.
"""

from dataclasses import dataclass

import numba
import numpy as np

from weightspace.hopfield import check_patterns, fields

# Bounds the memory: 4,000 images of 784 pixels need 25 MB of fields.
_BATCH = 4000


@dataclass(frozen=True)
class Recall:
    """Final states (B, N) int8, whether each settled (B,), and the sweeps and flips that each took (B,)."""

    states: np.ndarray
    settled: np.ndarray
    sweeps: np.ndarray
    flips: np.ndarray


def recall_sequential(weights, states, *, sweeps):
    """Let each state fall to a fixed point of ``s_i ← sign((M s)_i)``, neuron after neuron.

    Args:
        weights: M (N, N) int32, symmetric, zero diagonal.
        states: (B, N) of ±1; left unchanged.
        sweeps: at most so many passes over all neurons; what still changes then is marked as not settled.

    Returns:
        `Recall`.
    """
    states = check_patterns(states, size=weights.shape[0]).copy()
    parts = []
    for start in range(0, len(states), _BATCH):
        batch = states[start : start + _BATCH]
        parts.append(_settle(weights, _narrow(weights, fields(weights, batch)), batch, sweeps))
    settled, used, flips = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Recall(states, settled, used, flips)


def _narrow(weights, values):
    """Fields as int32, which is half the memory traffic, where no field can leave it."""
    largest = np.abs(weights, dtype=np.int64).sum(axis=1).max()
    if largest > np.iinfo(np.int32).max:
        raise OverflowError(f"local fields could reach {largest}, above the 32-bit range")
    return values.astype(np.int32)


@numba.njit(cache=True)
def _settle(weights, local, states, sweeps):
    count, size = states.shape
    settled = np.zeros(count, dtype=np.bool_)
    used = np.zeros(count, dtype=np.int32)
    flips = np.zeros(count, dtype=np.int32)
    for image in range(count):
        state = states[image]
        field = local[image]
        while used[image] < sweeps and not settled[image]:
            before = flips[image]
            for i in range(size):
                if field[i] * state[i] < 0:  # a tie, field 0, keeps the state
                    state[i] = -state[i]
                    step = np.int32(2 * state[i])
                    row = weights[i]
                    for j in range(size):
                        field[j] += step * row[j]
                    flips[image] += 1
            used[image] += 1
            settled[image] = flips[image] == before
    return settled, used, flips
