"""Associative memories as classifiers: recall, then read a label off the final state."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from weightspace.memories import hopfield
from weightspace.memories.recall import Dynamics, majority
from weightspace.model_files import read_model, write_model

READOUTS = ("nearest", "exact")
NO_ANSWER = -1
# Bounds the memory of comparing states with stored patterns: so many overlaps at once take 32 MB.
_OVERLAPS = 4_000_000


class AssociativeMemory:
    """What every associative memory shares: labels read off a final state.

    A memory has ``patterns`` (P, N) int8 of ±1, ``labels`` (P,) int64, ``index`` (P,) int64, the positions of the
    patterns among the training images, ``description`` and ``readout``. It defines ``energy(states) -> (B,) float64``,
    ``recall(states) -> recall.Recall``, ``save(path)`` and ``load(path, *, sweeps)``.
    """

    def predict(self, patterns):
        """Labels (B,) int64 of patterns (B, N) of ±1; -1 where the memory gives no answer."""
        return self.read(self.recall(patterns))

    def read(self, recalled, readout=None):
        """Read labels (B,) off a `recall.Recall`.

        ``nearest``: the label of the stored pattern with the largest overlap with the final state, ties to the lowest
        index. ``exact``: the same only where the final state is that stored pattern. States that did not settle give
        -1.
        """
        readout = readout or self.readout
        if readout not in READOUTS:
            raise ValueError(f"readout is {readout!r}; allowed: {', '.join(READOUTS)}")
        nearest, overlap = self._nearest(recalled.states)
        answered = recalled.settled if readout == "nearest" else recalled.settled & (overlap == self.patterns.shape[1])
        return np.where(answered, self.labels[nearest], NO_ANSWER)

    def answers(self, grey, patterns):
        """Labels by both read-outs of one recall, and by the 1-NN control; a memory sees only the binarised image."""
        recalled = self.recall(patterns)
        read = {readout: self.read(recalled, readout) for readout in READOUTS}
        return {**read, "nearest_neighbour": self.nearest_neighbour(patterns)}

    def nearest_neighbour(self, patterns):
        """Labels of the nearest stored pattern without recall: the 1-NN control over the same P patterns."""
        return self.labels[self._nearest(hopfield.check_patterns(patterns, size=self.patterns.shape[1]))[0]]

    def _nearest(self, states):
        """Index of the stored pattern with the largest overlap, the first of equals, and that overlap; both (B,)."""
        nearest, overlap = np.empty((2, len(states)), dtype=np.int64)
        batch = max(1, _OVERLAPS // len(self.patterns))
        for part in (slice(start, start + batch) for start in range(0, len(states), batch)):
            overlaps = (
                states[part].astype(np.float32) @ self._columns
            )  # (batch, P); exact, since no overlap is larger than N
            nearest[part] = overlaps.argmax(axis=1)
            overlap[part] = overlaps.max(axis=1)
        return nearest, overlap

    @cached_property
    def _columns(self):
        return self.patterns.T.astype(np.float32)


@dataclass(frozen=True)
class Memory(AssociativeMemory):
    """A quadratic memory and what it stores.

    ``weights`` (N, N) int32 are the integers ``scale · W``; the scale is 2 N where none is given. ``order`` is one of
    `recall.ORDERS`, ``seed`` that of a random order, ``threads`` the number that share the images; ``sweeps`` bounds
    recall. None of these four is saved.
    """

    weights: np.ndarray
    patterns: np.ndarray
    labels: np.ndarray
    index: np.ndarray
    description: dict
    scale: int | float | None = None  # of quantised weights a power of two, as a float
    sweeps: int = 1000
    readout: str = "nearest"
    order: str = "sequential"
    seed: int = 0
    threads: int = 1

    def __post_init__(self):
        if self.scale is None:
            object.__setattr__(self, "scale", hopfield.natural_scale(len(self.weights)))

    def energy(self, states):
        """Energies (B,) of states (B, N)."""
        return hopfield.energy(self.weights, hopfield.check_patterns(states, size=len(self.weights)), scale=self.scale)

    def certify(self, *, margin=0):
        """The exact check of all single flips of the stored patterns, a `hopfield.Certificate`."""
        return hopfield.certify(self.weights, self.patterns, margin=margin, scale=self.scale)

    def strict_minima(self):
        """Which stored patterns lie below all their single-flip neighbours, (P,) bool, and which also below all their
        double-flip neighbours.
        """
        single = hopfield.single_flip_changes(self.weights, self.patterns).min(axis=1) > 0
        return single, single & (hopfield.smallest_double_flip_change(self.weights, self.patterns) > 0)

    def recall(self, states, *, order=None):
        """Final states of recall in the memory's own order of updating or in ``order``, as a `recall.Recall`."""
        return self._dynamics(order or self.order).run(states, sweeps=self.sweeps, threads=self.threads)

    def _dynamics(self, order):
        # Kept, because an attack recalls few states at a time, very often.
        if order not in self._ready:
            self._ready[order] = Dynamics(self.weights, order=order, seed=self.seed, reference=majority(self.patterns))
        return self._ready[order]

    @cached_property
    def _ready(self):
        return {}

    def save(self, path):
        tensors = {"weights": self.weights, "patterns": self.patterns, "labels": self.labels, "index": self.index}
        write_model(path, tensors, {"kind": "memory", **self.description, "scale": self.scale})

    @classmethod
    def load(cls, path, *, sweeps=1000, order="sequential", seed=0, threads=1):
        """Read a memory; how it recalls is no part of what was learnt."""
        tensors, description = read_model(path)
        return cls(
            **tensors,
            description=description,
            scale=description["scale"],
            sweeps=sweeps,
            order=order,
            seed=seed,
            threads=threads,
        )
