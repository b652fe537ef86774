"""Where recall leads from each of the 2^N states of a small memory, as one graph.

A sweep over all neurons is a function of the state that it starts from, so the states with their next ones are a graph
in which each has one successor, and following it is recall. The successors are computed once for every state; then
paths are halved (each state takes the successor of its successor as its own) until all end in fixed points. So a state
costs one sweep, however long its recall.
"""

from dataclasses import replace

import numpy as np

from weightspace.compiled import compiled
from weightspace.data.hypercube import blocks, patterns_of
from weightspace.memories.memory import Memory

_LANES = 64  # states at a time, neighbours in number, so that the compiler fills whole vectors
_LANE_BITS = 6


def ends_of_all_states(memory, size):
    """Number (2^N,) uint32 of the state in which recall from each state ends, and whether it settled there (2^N,) bool.

    What does not settle within the memory's own number of sweeps, rounded up to a power of two, is a state on its way
    or in a cycle.
    """
    successors = _successors(memory, size)
    ends, further = successors.copy(), np.empty_like(successors)
    for _ in range(int(memory.sweeps).bit_length()):
        moved = _jump(ends, further)
        ends, further = further, ends
        if not moved:
            break
    return ends, _rests(successors, ends)


def count_ends(ends):
    """How many states end in each state, (2^N,) uint32, from `ends_of_all_states`."""
    counts = np.zeros(len(ends), dtype=np.uint32)
    _tally(ends, counts)
    return counts


@compiled
def _jump(ends, further):
    """Let each state take the successor of its successor; whether any moved."""
    moved = False
    for code in range(len(ends)):
        further[code] = ends[ends[code]]
        moved |= further[code] != ends[code]
    return moved


@compiled
def _rests(successors, ends):
    settled = np.empty(len(ends), dtype=np.bool_)
    for code in range(len(ends)):
        settled[code] = successors[ends[code]] == ends[code]
    return settled


@compiled
def _tally(ends, counts):
    for end in ends:
        counts[end] += np.uint32(1)


def _successors(memory, size):
    """The state (2^N,) uint32 after one sweep from each state."""
    after = np.empty(2**size, dtype=np.uint32)
    if isinstance(memory, Memory) and memory.order == "sequential" and size >= _LANE_BITS:
        bound = int(np.abs(memory.weights, dtype=np.int64).sum(axis=1).max())
        if bound > np.iinfo(np.int32).max // 2:
            raise OverflowError(f"local fields could reach {bound}, half the 32-bit range or more")
        _sweep_all(memory.weights.astype(np.int32), *_field_tables(memory.weights, size), after)
        return after
    once = replace(memory, sweeps=1)
    powers = 2 ** np.arange(size, dtype=np.float64)  # a product of float64 is exact below 2^53
    for part, patterns in blocks(size):
        after[part] = (once.recall(patterns).states > 0) @ powers
    return after


def _field_tables(weights, size):
    """Fields of the lowest bits, (N, 64) by lane, and of all other bits, as three tables (2^k, N): the fields of a
    state are the sum of its rows.
    """
    low = weights[:, :_LANE_BITS].astype(np.int32) @ patterns_of(np.arange(_LANES), _LANE_BITS).T.astype(np.int32)
    middle = _LANE_BITS + (size - _LANE_BITS) // 2
    tables = []
    for first, last in ((_LANE_BITS, middle), (middle, size)):
        bits = patterns_of(np.arange(2 ** (last - first)), last - first).astype(np.int32)
        tables.append(np.ascontiguousarray(bits @ weights[:, first:last].T.astype(np.int32)))
    return np.ascontiguousarray(low), *tables


@compiled
def _sweep_all(weights, low, middle, high, after):
    size = len(weights)
    fields = np.empty((size, _LANES), dtype=np.int32)
    change = np.empty(_LANES, dtype=np.int32)
    state = np.empty(_LANES, dtype=np.uint32)
    start = 0
    for top in range(len(high)):
        for centre in range(len(middle)):
            for i in range(size):
                rest = middle[centre, i] + high[top, i]
                for lane in range(_LANES):
                    fields[i, lane] = low[i, lane] + rest
            for lane in range(_LANES):
                state[lane] = start + lane
            for i in range(size):
                moved = 0
                for lane in range(_LANES):
                    up = np.int32((state[lane] >> np.uint32(i)) & np.uint32(1))
                    field = fields[i, lane]
                    # A tie keeps the state: +2 where an inactive neuron is to rise, -2 where an active one is to fall.
                    step = 2 * (np.int32(field > 0) * (1 - up) - np.int32(field < 0) * up)
                    change[lane] = step
                    moved |= step
                    state[lane] ^= np.uint32(step != 0) << np.uint32(i)
                if moved != 0:
                    for j in range(i + 1, size):  # earlier neurons have had their turn in this sweep
                        weight = weights[i, j]
                        for lane in range(_LANES):
                            fields[j, lane] += weight * change[lane]
            for lane in range(_LANES):
                after[start + lane] = state[lane]
            start += _LANES
