"""An associative memory as a classifier: recall, then read a label off the final state."""

from dataclasses import dataclass

import numpy as np

from weightspace import hopfield
from weightspace.model_files import read_model, write_model
from weightspace.recall import recall_sequential

READOUTS = ("nearest", "exact")
NO_ANSWER = -1


@dataclass(frozen=True)
class Memory:
    """A quadratic memory and what it stores.

    Shapes: ``weights`` (N, N) int32, the integers ``2 N W``; ``patterns`` (P, N) int8 of ±1; ``labels`` (P,) int64;
    ``index`` (P,) int64, the positions of the patterns among the training images; ``sweeps`` bounds recall.
    """

    weights: np.ndarray
    patterns: np.ndarray
    labels: np.ndarray
    index: np.ndarray
    description: dict
    sweeps: int = 1000
    readout: str = "nearest"

    def energy(self, states):
        """Energies (B,) of states (B, N)."""
        return hopfield.energy(self.weights, hopfield.check_patterns(states, size=len(self.weights)))

    def recall(self, states):
        """Final states of sequential asynchronous recall, as a `recall.Recall`."""
        return recall_sequential(self.weights, states, sweeps=self.sweeps)

    def predict(self, patterns):
        """Labels (B,) int64 of patterns (B, N) of ±1; -1 where the memory gives no answer."""
        return self.read(self.recall(patterns))

    def read(self, recalled, readout=None):
        """Read labels (B,) off a `Recall`.

        ``nearest``: the label of the stored pattern with the largest overlap with the final state, ties to the lowest index.
        ``exact``: the same only where the final state is that stored pattern. States that did not settle give -1.
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
        return self.labels[self._nearest(hopfield.check_patterns(patterns, size=len(self.weights)))[0]]

    def _nearest(self, states):
        overlaps = hopfield.exact_product(states, self.patterns.T)  # (B, P)
        nearest = overlaps.argmax(axis=1)  # the first of equals
        return nearest, overlaps[np.arange(len(states)), nearest]

    def save(self, path):
        tensors = {"weights": self.weights, "patterns": self.patterns, "labels": self.labels, "index": self.index}
        write_model(path, tensors, {"kind": "memory", **self.description})

    @classmethod
    def load(cls, path, *, sweeps=1000):
        """Read a memory; ``sweeps`` bounds its recall and is no part of what was learnt."""
        tensors, description = read_model(path)
        return cls(**tensors, description=description, sweeps=sweeps)
