"""Recall of a dense associative memory over stored patterns, by the energy differences of Krotov & Hopfield (2016), eq.
4.

Neuron i takes the state of the lower energy, all others fixed. With the overlaps ``z = x·s`` of the stored patterns x,
leaving its state costs

    ΔE = Σ_{x_i = s_i} [F(z) - F(z - 2)] - Σ_{x_i ≠ s_i} [F(z + 2) - F(z)]  =  cost - gain,

two sums of terms that are never negative and depend on an integer alone. **Ties**: equal terms of cost and gain are
first cancelled, as integers; what is left is summed in float64 from the largest term to the smallest. Where ``|ΔE| ≤
TIE · Σ|terms left|`` its sign is within reach of rounding; then the state is kept, and the decision counted as a tie.
What is far from a tie is decided by a sum in whichever order is quickest, so neither the order of the patterns nor the
processor nor the number of threads can change a final state.

Event-driven: one matrix product gives the overlaps of a batch, a second one approximate ΔE of all its neurons. Each
flip moves all overlaps by 2, and with them every ΔE by at most what the terms have moved in total, the drift. A neuron
is looked at again only when the drift since its last look has used up its |ΔE|.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int, Int64

from weightspace.compiled import compiled
from weightspace.memories.dense_energy import Terms
from weightspace.memories.recall import Recall

# Stored patterns as recall reads them: `columns_of`, and rows.
Ready = tuple[Int[np.ndarray, "N columns"], Float32[np.ndarray, "P N"]]

# Relative size of a difference that counts as a tie: rounding reaches 1.2e-16 for each of at most N + 2 different
# terms.
TIE = 1e-12
# Relative size above which a sum of all terms in any order has the right sign; far above TIE, so that no tie is missed.
_SURE = 1e-8
# Beside the largest term, such a share of it may as well be zero in single precision, which is slow on numbers near the
# end of its range.
_TINY = 1e-30
# Patterns at a time: what the loop over a column takes in one go.
_BLOCK = 16
# Bounds the memory: so many overlaps and fields of a batch at once take 60 MB.
_BATCH = 2_500_000


@dataclass(frozen=True)
class DenseRecall(Recall):
    """A `recall.Recall`, and in ``ties`` how many decisions of each image were ties; each sweep that meets a tie
    counts it.

    ``cycled`` marks cycles of two or more states: only quadratic energies keep synchronous updating from longer ones.
    """

    ties: Int64[np.ndarray, " B"]


def recall(
    patterns: Int[np.ndarray, "P N"],
    terms: Terms,
    states: Int[np.ndarray, "B N"],
    *,
    sweeps: int,
    order: Int64[np.ndarray, " order"] | None,
    threads: int = 1,
    ready: Ready | None = None,
) -> DenseRecall:
    """Let each state fall to a local minimum of the energy, neuron after neuron.

    Args:
        patterns: of ±1, stored.
        terms: `dense_energy.Interaction.terms` for N neurons.
        states: of ±1; left unchanged.
        sweeps: at most so many passes over all neurons; what still changes then is marked as not settled.
        order: of the neurons in a pass, or None for all neurons at once.
        threads: number of threads that share the images; the outcome does not depend on it.
        ready: `made_ready` of the patterns, worth keeping where few states are recalled at a time, very often, as
            attacks do.
    """
    columns, rows = ready or made_ready(patterns)

    def settle(batch):
        if order is None:
            return _settle_at_once(columns, rows, terms, batch, sweeps)
        states = batch.copy()
        return states, *_settle(columns, *_start(rows, terms, batch), states, order, sweeps, *terms)

    size = max(1, _BATCH // sum(patterns.shape))
    batches = [states[start : start + size] for start in range(0, len(states), size)]
    if threads == 1:
        parts = list(map(settle, batches))
    else:
        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(settle, batches))
    return DenseRecall(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def made_ready(patterns: Int[np.ndarray, "P N"]) -> Ready:
    """The two forms in which `recall` reads patterns: `columns_of`, and rows in single precision, in which overlaps are
    exact.
    """
    return columns_of(patterns), patterns.astype(np.float32)


def columns_of(patterns: Int[np.ndarray, "P N"]) -> Int[np.ndarray, "N columns"]:
    """All patterns at each neuron, padded with zeros to whole blocks, since loops over parts of blocks are
    slow.
    """
    return np.ascontiguousarray(np.pad(patterns, [(0, -len(patterns) % _BLOCK), (0, 0)]).T)


def flip_changes(
    patterns: Int[np.ndarray, "P N"], terms: Terms, states: Int[np.ndarray, "B N"]
) -> tuple[Float32[np.ndarray, "B N"], Float64[np.ndarray, " B"]]:
    """ΔE of every single flip in units of the largest term F(z+2) - F(z) of its state, and bounds of its rounding."""
    _, fields, offset, slack = _start(patterns.astype(np.float32), terms, states)
    return _changes(fields, offset, states), slack


def _start(rows, terms, states):
    overlaps = (states.astype(np.float32) @ rows.T).astype(np.int32)  # (B, P)
    scaled, offset, slack = _scaled_terms(overlaps, *terms)
    return overlaps, scaled @ rows, offset, slack


def _changes(fields, offset, states):
    return (0.5 * (states * fields + offset[:, None])).astype(np.float32)


@compiled
def _scaled_terms(overlaps, table, relative):
    """Float32 terms F(z+2) - F(z-2) of each overlap in units of the largest, their signed rest, and a bound of the
    float32 error of ΔE.
    """
    count, stored = overlaps.shape
    scaled = np.empty((count, stored), dtype=np.float32)
    offset = np.empty(count)
    slack = np.empty(count)
    for image in range(count):
        first, unit = _anchor(overlaps[image].max(), table, relative)
        whole = 0.0
        rest = 0.0
        for mu in range(stored):
            place = overlaps[image, mu] + first
            up, down = table[place] * unit, table[place - 2] * unit
            scaled[image, mu] = up + down if up > _TINY else 0.0
            whole += up + down
            rest += down - up
        offset[image] = rest
        slack[image] = ((stored + 8) * 2.0**-24 + _SURE) * whole
    return scaled, offset, slack


@compiled
def _anchor(top, table, relative):
    """For the largest overlap: what to add to an overlap to find F(z+2) - F(z) in the table, and one over the largest
    such term.
    """
    size = (len(table) - 3) // 2
    first = 2 * size + 2 - top if relative else size + 2
    largest = table[top + first]
    return first, (1.0 / largest if largest > 0 else 1.0)


@compiled
def _settle(columns, overlaps, fields, offset, slack, states, order, sweeps, table, relative):
    count, size = states.shape
    settled = np.zeros(count, dtype=np.bool_)
    used = np.zeros(count, dtype=np.int32)
    flips = np.zeros(count, dtype=np.int32)
    ties = np.zeros(count, dtype=np.int64)
    up = np.zeros(columns.shape[1])  # F(z+2) - F(z)
    down = np.zeros(columns.shape[1])  # F(z) - F(z-2)
    counts = np.zeros(len(table), dtype=np.int64)
    change = np.empty(size)  # |change[i]| is the drift up to which the sign of neuron i's ΔE is known
    for image in range(count):
        state, overlap = states[image], overlaps[image]
        first, unit = _fill(overlap, up, down, table, relative)
        for i in range(size):
            change[i] = 0.5 * (state[i] * fields[image, i] + offset[image])
        drift = slack[image]
        while used[image] < sweeps and not settled[image]:
            before = flips[image]
            for i in order:
                if change[i] > drift:
                    continue
                if change[i] >= -drift:
                    difference, whole = _quick(columns[i], state[i], up, down)
                    margin = abs(difference) - _SURE * whole
                    if margin <= 0:
                        margin, difference = 0.0, _careful_sign(columns[i], state[i], overlap, first, table, counts)
                        ties[image] += difference == 0
                    change[i] = margin * unit + drift
                    if difference >= 0:
                        continue
                state[i] = -state[i]
                flips[image] += 1
                top = _move(overlap, columns[i], 2 * state[i])
                first, new_unit = _anchor(top, table, relative)
                drift += _renew(overlap, up, down, first, unit, new_unit, table)
                change[i], unit = drift, new_unit  # to be looked at again
            used[image] += 1
            settled[image] = flips[image] == before
    return settled, used, flips, np.zeros(count, dtype=np.bool_), ties


@compiled
def _fill(overlap, up, down, table, relative):
    first, unit = _anchor(overlap.max(), table, relative)
    for mu in range(len(overlap)):
        up[mu], down[mu] = table[overlap[mu] + first], table[overlap[mu] + first - 2]
    return first, unit


@compiled(fastmath={"reassoc", "nsz", "contract"})
def _quick(column, state, up, down):
    """ΔE and the sum of its terms' sizes, summed in whatever order is fast."""
    difference = 0.0
    whole = 0.0
    for mu in range(len(column)):
        term = down[mu] if column[mu] == state else -up[mu]
        difference += term
        whole += abs(term)
    return difference, whole


@compiled
def _careful_sign(column, state, overlap, first, table, counts):
    """A number of the sign of ΔE, 0 for a tie."""
    difference, whole = _careful(column, state, overlap, first, table, counts)
    return 0.0 if abs(difference) <= TIE * whole else difference


@compiled
def _careful(column, state, overlap, first, table, counts):
    """ΔE and the sum of its terms' sizes after equal terms are cancelled, from the largest to the smallest; ``counts``
    is all 0 before and after.
    """
    lowest, highest = len(table), 0
    for mu in range(len(overlap)):
        agrees = column[mu] == state
        place = overlap[mu] + first - (2 if agrees else 0)
        counts[place] += 1 if agrees else -1
        lowest, highest = min(lowest, place), max(highest, place)
    difference = 0.0
    whole = 0.0
    for place in range(highest, lowest - 1, -1):
        difference += counts[place] * table[place]
        whole += abs(counts[place]) * table[place]
        counts[place] = 0
    return difference, whole


@compiled
def _move(overlap, column, step):
    """Move the overlaps as a neuron flips; returns the largest."""
    top = np.int32(-(2**31 - 1))
    for mu in range(len(overlap)):
        overlap[mu] += step * column[mu]
        top = max(top, overlap[mu])
    return top


@compiled(fastmath={"reassoc", "nsz", "contract"})
def _renew(overlap, up, down, first, unit, new_unit, table):
    """Renew the terms; returns by how much, in units of the largest, any ΔE can have moved."""
    drift = 0.0
    for mu in range(len(overlap)):
        new_up, new_down = table[overlap[mu] + first], table[overlap[mu] + first - 2]
        drift += max(abs(new_up * new_unit - up[mu] * unit), abs(new_down * new_unit - down[mu] * unit))
        up[mu], down[mu] = new_up, new_down
    return drift * (1 + _SURE)  # its own rounding included


def _settle_at_once(columns, rows, terms, states, sweeps):
    """All neurons together in each step, until no state changes or an earlier state is back, as Brent (1980) finds
    cycles of any length.
    """
    count = len(states)
    states, marked, going = states.copy(), states.copy(), np.arange(count)
    settled, cycled = np.zeros((2, count), dtype=np.bool_)
    used, flips = np.zeros((2, count), dtype=np.int32)
    ties = np.zeros(count, dtype=np.int64)
    for step in range(1, sweeps + 1):
        now = states[going]
        after, tied = _step(columns, *_start(rows, terms, now), now, *terms)
        changed = (after != now).sum(axis=1)
        states[going] = after
        used[going] = step
        flips[going] += changed
        ties[going] += tied
        settled[going], cycled[going] = changed == 0, (changed > 0) & (after == marked[going]).all(axis=1)
        if step & (step - 1) == 0:
            marked[going] = after
        going = going[~(settled | cycled)[going]]
        if not len(going):
            break
    return states, settled, used, flips, cycled, ties


@compiled
def _step(columns, overlaps, fields, offset, slack, states, table, relative):
    """The states (B, N) that all neurons take at once, and how many were tied (B,)."""
    count, size = states.shape
    after = states.copy()
    ties = np.zeros(count, dtype=np.int64)
    counts = np.zeros(len(table), dtype=np.int64)
    for image in range(count):
        first, _ = _anchor(overlaps[image].max(), table, relative)
        for i in range(size):
            difference = 0.5 * (states[image, i] * fields[image, i] + offset[image])
            if abs(difference) <= slack[image]:
                difference = _careful_sign(columns[i], states[image, i], overlaps[image], first, table, counts)
                ties[image] += difference == 0
            if difference < 0:
                after[image, i] = -states[image, i]
    return after, ties


@compiled
def weigh_flips(columns, overlaps, images, neurons, states, table, relative):
    """ΔE of flipping ``neurons`` (K,) in the states of ``images`` (K,), and the sum of its terms' sizes, (K,) each, in
    the table's unit.
    """
    difference, whole = np.empty(len(neurons)), np.empty(len(neurons))
    counts = np.zeros(len(table), dtype=np.int64)
    for k in range(len(neurons)):
        image, i = images[k], neurons[k]
        first, _ = _anchor(overlaps[image].max(), table, relative)
        difference[k], whole[k] = _careful(columns[i], states[image, i], overlaps[image], first, table, counts)
    return difference, whole
