"""Associative memories as classifiers: recall, then read a label off the final state."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped, UInt8

from weightspace.classifier import NO_ANSWER, Classifier, EqualByContent, Formula, Labels, ToTensor
from weightspace.memories import hopfield
from weightspace.memories.nearest_neighbour import overlap_formula, overlap_scores
from weightspace.memories.recall import Dynamics, Recall, majority
from weightspace.model_files import read_model, write_model

READOUTS = ("nearest", "exact")
# Bounds the memory of comparing states with stored patterns: so many overlaps at once take 32 MB.
_OVERLAPS = 4_000_000


class AssociativeMemory(EqualByContent, Classifier):
    """What every associative memory shares: labels read off a final state.

    A memory has ``patterns`` (P, N) int8 of ±1, ``labels`` (P,) int64, ``index`` (P,) int64, the positions of the
    patterns among the training images, ``description`` and ``readout``. It defines ``energy(states) -> (B,) float64``,
    ``recall(states) -> recall.Recall``, ``certify``, ``strict_minima``, ``smooth_recall``, ``with_moved_neurons``,
    ``save(path)`` and ``load(path, *, sweeps)``.
    """

    patterns: Shaped[np.ndarray, "P N"]
    labels: Int[np.ndarray, " P"]
    index: Int[np.ndarray, " P"]
    description: dict[str, Any]
    readout: str

    order: str  # of updating, in recall
    sweeps: int  # that recall takes, at most

    def energy(self, states: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, " B"]:
        raise NotImplementedError

    def recall(self, states: Shaped[np.ndarray, "..."], *, order: str | None = None) -> Recall:
        raise NotImplementedError

    def recalling(self, **settings: Any) -> "AssociativeMemory":
        """The same memory with other settings of recall: ``sweeps``, ``order``, ``seed`` of a random one,
        ``threads``.
        """
        return replace(cast(Any, self), **settings)

    def certify(self, *, margin: float = 0) -> hopfield.Certificate:
        """The exact check of all single flips of the stored patterns."""
        raise NotImplementedError

    def strict_minima(self) -> tuple[Bool[np.ndarray, " P"], Bool[np.ndarray, " P"]]:
        """Which stored patterns lie below all their single-flip neighbours, and which also below all their double-flip
        neighbours.
        """
        raise NotImplementedError

    def smooth_recall(self, tensor: ToTensor, *, steepness: float) -> Formula:
        """One step of recall that has gradients, states (B, N) to states (B, N): all neurons at once, by a smooth
        function of what decides about them.
        """
        raise NotImplementedError

    def with_moved_neurons(
        self, permutation: Int[np.ndarray, " N"], signs: Int[np.ndarray, " N"]
    ) -> "AssociativeMemory":
        """The memory with its neurons interchanged and flipped: neuron k gets all that neuron ``permutation[k]`` had,
        times ``signs[k]``; what labels are read with moves only where recall goes by it.
        """
        raise NotImplementedError

    @property
    def pair_weights(self) -> Int[np.ndarray, "N N"] | None:
        """The weights between pairs of neurons, whose sums decide in recall; None where the energy is not quadratic."""
        return None

    @property
    def hidden_units(self) -> Shaped[np.ndarray, "P N"] | None:
        """The stored patterns where they are parameters of recall, as the hidden units of a network are; else None."""
        return None

    @property
    def stored(self) -> Shaped[np.ndarray, "P N"]:
        return self.patterns

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        return self.read(self.recall(patterns))

    def scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        """The largest overlaps of the final state by class, of which `predict` by ``nearest`` takes the largest."""
        return overlap_scores(self.recall(patterns).states, self.patterns, self.labels)

    def read(self, recalled: Recall, readout: str | None = None) -> Labels:
        """Read labels off a `recall.Recall`.

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

    def readouts(self, patterns: Shaped[np.ndarray, "B N"]) -> dict[str, Labels]:
        recalled = self.recall(patterns)
        return {readout: self.read(recalled, readout) for readout in READOUTS}

    def answers(self, grey: UInt8[np.ndarray, "B N"], patterns: Shaped[np.ndarray, "B N"]) -> dict[str, Labels]:
        """Labels by both read-outs of one recall, and by the 1-NN control; a memory sees only the binarised image."""
        return {**self.readouts(patterns), "nearest_neighbour": self.nearest_neighbour(patterns)}

    def nearest_neighbour(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        """Labels of the nearest stored pattern without recall: the 1-NN control over the same P patterns."""
        return self.labels[self._nearest(hopfield.check_patterns(patterns, size=self.patterns.shape[1]))[0]]

    def stand_ins(self, tensor: ToTensor, sweep: Mapping[str, Any]) -> list[Formula]:
        """Smooth recall, then the overlaps that are read off."""
        read = overlap_formula(tensor, self.patterns, self.labels)
        return [followed_by(recall, read) for recall in self.smooth_recalls(tensor, sweep)]

    def grey_surrogate(self, tensor: ToTensor) -> Formula:
        """The stand-in of three steep steps: of one to six steps and a steepness of 1 to 16 that which misleads
        quadratic memories most, on training images that they do not store.
        """
        return self.stand_ins(tensor, {"steps": [3], "steepness": [8]})[0]

    def smooth_recalls(self, tensor: ToTensor, sweep: Mapping[str, Any]) -> list[Formula]:
        """`smooth_recall` repeated, for each number of ``steps`` and ``steepness`` of the sweep; no step has no
        steepness.
        """
        settings = [
            (steps, steepness) for steps in sweep["steps"] for steepness in sweep["steepness"][: None if steps else 1]
        ]
        return [repeated(self.smooth_recall(tensor, steepness=steepness), steps) for steps, steepness in settings]

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


def repeated(step: Formula, times: int) -> Formula:
    """A step taken so many times."""

    def run(states: Any) -> Any:
        for _ in range(times):
            states = step(states)
        return states

    return run


def followed_by(first: Formula, second: Formula) -> Formula:
    """What the second makes of what the first gives."""
    return lambda inputs: second(first(inputs))


@dataclass(frozen=True, eq=False, repr=False)
class Memory(AssociativeMemory):
    """A quadratic memory and what it stores.

    ``weights`` (N, N) int32 are the integers ``scale · W``; the scale is 2 N where none is given. ``order`` is one of
    `recall.ORDERS`, ``seed`` that of a random order, ``threads`` the number that share the images; ``sweeps`` bounds
    recall. None of these four is saved.
    """

    weights: Int[np.ndarray, "N N"]
    patterns: Shaped[np.ndarray, "P N"]
    labels: Int[np.ndarray, " P"]
    index: Int[np.ndarray, " P"]
    description: dict[str, Any] = field(compare=False)
    scale: int | float | None = None  # of quantised weights a power of two, as a float
    sweeps: int = 1000
    readout: str = "nearest"
    order: str = "sequential"
    seed: int = 0
    threads: int = 1

    def __post_init__(self):
        if self.scale is None:
            object.__setattr__(self, "scale", hopfield.natural_scale(len(self.weights)))

    def energy(self, states: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, " B"]:
        """Energies of states of ±1."""
        return hopfield.energy(self.weights, hopfield.check_patterns(states, size=len(self.weights)), scale=self.scale)

    def certify(self, *, margin: float = 0) -> hopfield.Certificate:
        """The exact check of all single flips of the stored patterns, a `hopfield.Certificate`."""
        return hopfield.certify(self.weights, self.patterns, margin=margin, scale=self.scale)

    def strict_minima(self) -> tuple[Bool[np.ndarray, " P"], Bool[np.ndarray, " P"]]:
        """Which stored patterns lie below all their single-flip neighbours, and which also below all their double-flip
        neighbours.
        """
        single = hopfield.single_flip_changes(self.weights, self.patterns).min(axis=1) > 0
        return single, single & (hopfield.smallest_double_flip_change(self.weights, self.patterns) > 0)

    def recall(self, states: Shaped[np.ndarray, "..."], *, order: str | None = None) -> Recall:
        """Final states of recall in the memory's own order of updating or in ``order``."""
        return self._dynamics(order or self.order).run(states, sweeps=self.sweeps, threads=self.threads)

    def _dynamics(self, order):
        # Kept, because an attack recalls few states at a time, very often.
        if order not in self._ready:
            self._ready[order] = Dynamics(self.weights, order=order, seed=self.seed, reference=majority(self.patterns))
        return self._ready[order]

    @cached_property
    def _ready(self):
        return {}

    @property
    def pair_weights(self) -> Int[np.ndarray, "N N"]:
        return self.weights

    def smooth_recall(self, tensor: ToTensor, *, steepness: float) -> Formula:
        """``s ← tanh(steepness · W s / σ)``; σ is the root mean square of the stored patterns' fields."""
        weights = tensor(self.weights)
        spread = (tensor(self.patterns) @ weights).square().mean().sqrt()
        scaled = weights * (steepness / spread)
        return lambda states: (states @ scaled).tanh()

    def with_moved_neurons(self, permutation: Int[np.ndarray, " N"], signs: Int[np.ndarray, " N"]) -> "Memory":
        signs = signs.astype(self.weights.dtype)
        moved = self.weights[np.ix_(permutation, permutation)] * signs[:, None] * signs
        return replace(self, weights=np.ascontiguousarray(moved))

    def save(self, path: str | Path) -> None:
        tensors = {"weights": self.weights, "patterns": self.patterns, "labels": self.labels, "index": self.index}
        write_model(path, tensors, {"kind": "memory", **self.description, "scale": self.scale})

    @classmethod
    def load(
        cls, path: str | Path, *, sweeps: int = 1000, order: str = "sequential", seed: int = 0, threads: int = 1
    ) -> "Memory":
        """Read a memory; how it recalls is no part of what was learnt."""
        tensors, description = read_model(path)
        return cls(
            **cast(Any, tensors),
            description=description,
            scale=description["scale"],
            sweeps=sweeps,
            order=order,
            seed=seed,
            threads=threads,
        )
