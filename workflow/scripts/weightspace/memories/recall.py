"""Recall of a quadratic memory, exact in integers: ``s_i ← sign((M s)_i)``, where a tie keeps the state, until no state
changes.

Orders of updating:
    sequential: asynchronous, neuron after neuron, each seeing all changes before it.
    random: the same in another order of the neurons, drawn once from a seed and kept for all images and sweeps.
    synchronous: all at once, which ends in a fixed point or in a cycle of two states (Goles, Fogelman & Pellegrin
        1985).

The result for a state depends on nothing but the weights, the order and the state: not on other states, threads or
rounding.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, Int8, Int64
from numpy.typing import ArrayLike

from weightspace.draws import order_of_neurons
from weightspace.memories.hopfield import check_patterns, float_product
from weightspace.memories.recall_kernel import GROUP, WIDTH, settle

ORDERS = ("sequential", "random", "synchronous")
_BATCH = 1000
# Share of the neurons in which states may differ from the reference before a matrix product is the quicker way to their
# fields.
_FAR = 1 / 3


@dataclass(frozen=True)
class Recall:
    """Where states came to: final states, whether each settled, and the sweeps and flips that each took.

    ``cycled`` marks the states that ended in a cycle of two, which synchronous updating only can do: of the two, the
    later one is given.
    """

    states: Int8[np.ndarray, "B N"]
    settled: Bool[np.ndarray, " B"]
    sweeps: Int[np.ndarray, " B"]
    flips: Int[np.ndarray, " B"]
    cycled: Bool[np.ndarray, " B"]


def recall(
    weights: Int[np.ndarray, "N N"],
    states: ArrayLike,
    *,
    sweeps: int,
    order: str = "sequential",
    seed: int = 0,
    threads: int = 1,
) -> Recall:
    """Let states fall to fixed points.

    Args:
        weights: M, symmetric.
        states: (B, N) of ±1; left unchanged.
        sweeps: at most so many passes over all neurons; what still changes then is marked as not settled.
        order: one of `ORDERS`; ``seed`` is that of a random one.
        threads: number of threads that share the states.

    Raises:
        ValueError: states are not ±1 or not of length N, weights are not symmetric, or the order is unknown.
        OverflowError: a local field could leave the 32-bit range.
    """
    states = np.asarray(states)
    reference = majority(check_patterns(states[:256], size=len(weights)))
    return Dynamics(weights, order=order, seed=seed, reference=reference).run(states, sweeps=sweeps, threads=threads)


def majority(states: Int[np.ndarray, "B N"]) -> Int8[np.ndarray, " N"]:
    """The state that each neuron has in most states; +1 where there are as many of either."""
    return np.where(states.sum(axis=0, dtype=np.int64) < 0, -1, 1).astype(np.int8)


class Dynamics:
    """A network made ready for recall, which is worth keeping where few states are recalled at a time.

    ``reference``, of ±1, is any state near those to come: the result does not depend on it, the time does.
    """

    def __init__(
        self,
        weights: Int[np.ndarray, "N N"],
        *,
        order: str = "sequential",
        seed: int = 0,
        reference: Int8[np.ndarray, " N"],
    ) -> None:
        if order not in ORDERS:
            raise ValueError(f"order is {order!r}; allowed: {', '.join(ORDERS)}")
        if (weights != weights.T).any():
            raise ValueError("the weights of a Hopfield network must be symmetric")
        self._size = len(weights)
        self._synchronous = order == "synchronous"
        self._neurons: Int64[np.ndarray, " N"] | None = None
        if order == "random":
            # The network with its neurons in another order, updated in sequence.
            self._neurons = order_of_neurons(self._size, seed)
            weights, reference = weights[np.ix_(self._neurons, self._neurons)], reference[self._neurons]
        self._weights = weights
        self._base = _blocks(_fields(weights, reference))
        self._rows = _rows(weights, reference)
        self._reference = _masks(reference[None])[0]

    def run(self, states: ArrayLike, *, sweeps: int, threads: int = 1) -> Recall:
        """Recall of states (B, N), as in `recall`."""
        states = np.asarray(states)
        check_patterns(states[:1] if states.ndim == 2 else states, size=self._size)
        final = np.empty(states.shape, dtype=np.int8)
        settled, cycled = np.zeros((2, len(states)), dtype=np.bool_)
        used, flips = np.zeros((2, len(states)), dtype=np.int32)

        def settle_batch(first):
            part = slice(first, first + _BATCH)
            batch = final[part]
            given = check_patterns(states[part], size=self._size)
            batch[:] = given if self._neurons is None else given[:, self._neurons]
            negative, outcome = _masks(batch), (settled[part], used[part], flips[part], cycled[part])
            start = self._start(batch, negative)
            settle(self._rows, self._base, self._reference, start, negative, batch, sweeps, self._synchronous, *outcome)
            if self._neurons is not None:
                batch[:, self._neurons] = batch.copy()

        parts = range(0, len(states), _BATCH)
        if threads == 1:
            list(map(settle_batch, parts))
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(settle_batch, parts))
        return Recall(final, settled, used, flips, cycled)

    def _start(self, batch, negative):
        """Fields of the states, by one matrix product, where they differ much from the reference; else no rows."""
        if np.bitwise_count(negative ^ self._reference).sum() < _FAR * batch.size:
            return np.empty((0, len(self._base)), dtype=np.int32)
        return _blocks(float_product(batch, self._weights).astype(np.int32))


def _rows(weights, reference):
    """What each change of a neuron adds to the fields, block by block, as `recall_kernel.settle` reads it."""
    size = len(weights)
    # In 32 bits twice a weight may wrap around; the fields that it is added to fit, so they wrap back.
    kind = np.int16 if 2 * GROUP * int(np.abs(weights).max()) <= np.iinfo(np.int16).max else np.int32
    left = _blocks(weights.astype(kind) * (-2 * reference.astype(kind))[:, None])  # neuron i leaves its reference value
    rows = _aligned((left.shape[1] // WIDTH, 2 * size + 1, WIDTH), kind)
    rows[:, :size] = left.reshape(size, -1, WIDTH).swapaxes(0, 1)
    np.negative(rows[:, :size], out=rows[:, size:-1])
    rows[:, -1] = 0
    return rows


def _aligned(shape, kind):
    """An empty array that starts at a multiple of 64 bytes: a row across two cache lines more would cost a quarter of
    the time.
    """
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    memory = np.empty(size + 64, dtype=np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + size].view(kind).reshape(shape)


def _fields(weights, state):
    """Fields (N,) of a state; refuses weights with which the field of any state could leave 32 bits."""
    largest = np.abs(weights, dtype=np.int64).sum(axis=1).max()
    if largest > np.iinfo(np.int32).max:
        raise OverflowError(f"local fields could reach {largest}, above the 32-bit range")
    # Integers, and not BLAS: its threads would go on spinning beside ours.
    return np.matmul(weights, state, dtype=np.int64).astype(np.int32)


def _blocks(values):
    """Pad the last axis with zeros to whole blocks."""
    return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % WIDTH)])


def _masks(states):
    """Masks (B, blocks) uint64 of the neurons that are -1."""
    packed = np.packbits(_blocks(states < 0), axis=1, bitorder="little")
    return packed.view("<u8").astype(np.uint64)
