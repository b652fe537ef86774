"""All attractors of small memories and the exact sizes of their basins: recall from every one of the 2^N states.

A sweep over all neurons is a function of the state that it starts from, so the states with their next ones are a graph
in which each has one successor, and following it is recall. The successors are computed once for every state; then
paths are halved (each state takes the successor of its successor as its own) until all end in fixed points. So a state
costs one sweep, however long its recall.
"""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int8, Int64, UInt32

from weightspace.compiled import compiled
from weightspace.data.hypercube import blocks, codes_of, patterns_of
from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.memories.memory import AssociativeMemory

KINDS = ("stored", "complement", "mixture", "other", "not_settled")
_LANES = 64  # states at a time, neighbours in number, so that the compiler fills whole vectors
_LANE_BITS = 6


def mixtures(patterns: Int8[np.ndarray, "P N"]) -> Int64[np.ndarray, "M N"]:
    """All mixture states ``sign(±x ± y ± z)`` of three patterns, the commonest spurious states (Amit et al. 1985)."""
    signs = np.array([(1, *rest) for rest in product((1, -1), repeat=2)])  # the complement of each is one too
    sums = [signs @ patterns[list(three)].astype(int) for three in combinations(range(len(patterns)), 3)]
    found = np.sign(np.concatenate(sums)) if sums else np.empty((0, patterns.shape[1]), int)
    return np.concatenate([found, -found])


def follow_all_states(memory: AssociativeMemory) -> pd.DataFrame:
    """Recall from all 2^N states.

    Returns:
        One row per attractor: ``code`` (see `hypercube`), ``kind`` (one of `KINDS`: a stored pattern; the complement of
        one; a mixture of three; any other), ``basin`` (how many states end there, itself included), ``energy``.
    """
    return describe(memory, *ends_of_all_states(memory))


def describe(
    memory: AssociativeMemory, ends: UInt32[np.ndarray, " two_to_the_N"], settled: Bool[np.ndarray, " two_to_the_N"]
) -> pd.DataFrame:
    """The attractors, as in `follow_all_states`, from `ends_of_all_states`."""
    patterns = memory.patterns
    basins = count_ends(ends)
    code = np.flatnonzero(basins)
    kinds = np.full(len(code), KINDS.index("other"))
    known = {"mixture": mixtures(patterns), "complement": -patterns, "stored": patterns}  # the last one wins
    for kind, states in known.items():
        kinds[np.isin(code, codes_of(states))] = KINDS.index(kind)
    kinds[~settled[code]] = KINDS.index("not_settled")
    energy = memory.energy(patterns_of(code, patterns.shape[1]))
    return pd.DataFrame({"code": code, "kind": np.array(KINDS)[kinds], "basin": basins[code], "energy": energy})


def summarise(attractors: pd.DataFrame) -> pd.DataFrame:
    """The table `attractors`: per rule, data, number stored and kind, how many attractors there are and what share of
    all states they draw.

    Args: attractors, rows of `follow_all_states` with the columns rule, data, neurons, stored, seed. Both quantities
    are exact for each network; the interval is over seeds, that is over draws of patterns. Rows of what did not settle
    appear where anything did not.
    """

    def by_kind(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
        seeds, states = sorted(group.seed.unique()), 2 ** int(group.neurons.iloc[0])
        for kind in KINDS[: None if (attractors.kind == "not_settled").any() else -1]:
            mine = group[group.kind == kind].groupby("seed").basin
            number, share = mine.size().reindex(seeds, fill_value=0), mine.sum().reindex(seeds, fill_value=0) / states
            for quantity, values, most in (("attractors", number, np.inf), ("share_of_states", share, 1.0)):
                estimate = mean_over_seeds(values, n=states * len(seeds), bounds=(0.0, most))
                yield {"kind": kind, "quantity": quantity, **vars(estimate)}

    return estimates_by(["rule", "data", "neurons", "stored"], attractors, by_kind)


def ends_of_all_states(
    memory: AssociativeMemory,
) -> tuple[UInt32[np.ndarray, " two_to_the_N"], Bool[np.ndarray, " two_to_the_N"]]:
    """The code of the state in which recall from each state ends, and whether it settled there; states by their codes.

    What does not settle within the memory's own number of sweeps, rounded up to a power of two, is a state on its way
    or in a cycle.
    """
    successors = _successors(memory)
    ends, further = successors.copy(), np.empty_like(successors)
    for _ in range(int(memory.sweeps).bit_length()):
        moved = _jump(ends, further)
        ends, further = further, ends
        if not moved:
            break
    return ends, _rests(successors, ends)


def count_ends(ends: UInt32[np.ndarray, " two_to_the_N"]) -> UInt32[np.ndarray, " two_to_the_N"]:
    """How many states end in each state, from `ends_of_all_states`."""
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
    """Whether each state's end is its own successor."""
    settled = np.empty(len(ends), dtype=np.bool_)
    for code in range(len(ends)):
        settled[code] = successors[ends[code]] == ends[code]
    return settled


@compiled
def _tally(ends, counts):
    """Count each end (2^N,)."""
    for end in ends:
        counts[end] += np.uint32(1)


def _successors(memory):
    """The state (2^N,) uint32 after one sweep from each state."""
    size, weights = memory.patterns.shape[1], memory.pair_weights
    after = np.empty(2**size, dtype=np.uint32)
    if weights is not None and memory.order == "sequential" and size >= _LANE_BITS:
        bound = int(np.abs(weights, dtype=np.int64).sum(axis=1).max())
        if bound > np.iinfo(np.int32).max // 2:
            raise OverflowError(f"local fields could reach {bound}, half the 32-bit range or more")
        _sweep_all(weights.astype(np.int32), *_field_tables(weights, size), after)
        return after
    once = memory.recalling(sweeps=1)
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
    """The state after one sweep from each state: weights (N, N) and the tables of `_field_tables`, to ``after``
    (2^N,).
    """
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
                moved = np.int32(0)
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
