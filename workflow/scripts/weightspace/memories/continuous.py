"""The continuous associative memory, or modern Hopfield network, of Ramsauer et al. (2020), on grey images: no
threshold stands between image and memory.

P stored images ``x^μ`` of N real values have, with a state ``v``, the energy

    E(v) = -1/β log( 1/P Σ_μ exp(β z_μ) ) + ½ v·v      z_μ = x^μ·v - ½ x^μ·x^μ

which is the paper's of stored patterns with one unit more, always at 1, whose stored value is ``-½ x^μ·x^μ``. With it
z_μ orders images by their distance from v, since ``E(v) = -1/β log( 1/P Σ_μ exp(-½ β |x^μ - v|²) )``; without it images
of much ink win. The update is the paper's, too: ``v ← Σ_μ p_μ x^μ`` with ``p = softmax(β z)``. No update raises the
energy, and p comes to hold the nearest image alone as β grows: the memory is then 1-NN.

One label unit for each class is part of what is stored, at 1 for the image's own, and starts at 0. After an update it
holds the share of p on the images of its class; the answer is the class with the largest share in the last update. So
one update answers by a smooth vote of the stored images, and many let the state come to rest first.

No PyTorch here: what attacks differentiate is written in the methods of the tensors that they give.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Float64, Int, Integer, Shaped, UInt8
from scipy.special import logsumexp, softmax

from weightspace.classifier import Classifier, Formula, Labels, ToTensor
from weightspace.data.patterns import binarise, signs
from weightspace.model_files import read_model, write_model

# A state at rest: no pixel, in -1 ... 1, moves farther in an update.
AT_REST = 1e-9
_BATCH = 500


@dataclass(frozen=True)
class ContinuousMemory(Classifier):
    """``grey`` (P, N) are the stored images, of 0 ... 255, with ``labels`` (P,) and ``index`` (P,), their places among
    the training images.

    ``beta`` is per squared unit of pixels in -1 ... 1; recall takes at most ``steps`` updates. What binarises an image
    for other models is the ``threshold``, a share of full scale: only who counts binary patterns asks for it.
    """

    grey: UInt8[np.ndarray, "P N"]
    labels: Int[np.ndarray, " P"]
    index: Int[np.ndarray, " P"]
    beta: float
    steps: int
    threshold: float = 0.5
    description: dict[str, Any] = field(default_factory=dict)

    always_answers = True
    continuous_scores = True

    def energy(self, states: Shaped[np.ndarray, "B N"]) -> Float64[np.ndarray, " B"]:
        """E of states in -1 ... 1, in squared units of a pixel; 0 or more."""
        states = np.asarray(states, dtype=np.float64)
        fields = self.beta * self._fields(states)
        return np.square(states).sum(axis=1) / 2 - (logsumexp(fields, axis=1) - np.log(len(self.grey))) / self.beta

    def update(self, states: Shaped[np.ndarray, "B N"]) -> Float64[np.ndarray, "B N"]:
        """All pixels once: the mean of the stored images, weighted by the softmax."""
        return softmax(self.beta * self._fields(np.asarray(states, dtype=np.float64)), axis=1) @ self._columns.T

    def settle(self, states: Shaped[np.ndarray, "B N"]) -> Float64[np.ndarray, "B N"]:
        """The states from which the last update reads the labels: after ``steps`` - 1 updates, or at rest."""
        states = np.array(states, dtype=np.float64)
        moving = np.arange(len(states))
        for _ in range(self.steps - 1):
            moved = self.update(states[moving])
            going = np.abs(moved - states[moving]).max(axis=1, initial=0) > AT_REST
            states[moving] = moved
            moving = moving[going]
            if not len(moving):
                break
        return states

    def scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        """Logarithm of the label units after the last update, up to a constant of the state: ``1/β log Σ exp(β z)``
        over the images of each class.
        """
        patterns = np.asarray(patterns)
        parts = [patterns[start : start + _BATCH] for start in range(0, max(1, len(patterns)), _BATCH)]
        return np.concatenate([self._scores(self.settle(part)) for part in parts])

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        """Class of the largest label unit, the first of equals; patterns in -1 ... 1, grey or not."""
        return self.scores(patterns).argmax(axis=1)

    def answers(self, grey: UInt8[np.ndarray, "B N"], patterns: Shaped[np.ndarray, "B N"]) -> dict[str, Labels]:
        return {"grey": self.predict(scaled(grey)), **super().answers(grey, patterns)}

    @property
    def stored(self) -> Shaped[np.ndarray, "P N"]:
        """The stored images as binary patterns."""
        return signs(binarise(self.grey, threshold=self.threshold))

    def differentiable(self, tensor: ToTensor) -> Formula:
        """`scores` through all updates, in tensors. Where the softmax saturates, several updates have hardly any
        gradient: attacks that need none must be tried beside those that follow it.
        """
        columns, bias, beta = tensor(self._columns), tensor(self._bias), self.beta

        def formula(states: Any) -> Any:
            for _ in range(self.steps - 1):
                states = (beta * (states @ columns + bias)).softmax(1) @ columns.T
            fields = beta * (states @ columns + bias)
            return fields.reshape(len(fields), self._classes, -1).logsumexp(2) / beta

        return formula

    def _fields(self, states: Float64[np.ndarray, "B N"]) -> Float64[np.ndarray, "B _"]:
        return states @ self._columns + self._bias

    def _scores(self, states: Float64[np.ndarray, "B N"]) -> Float64[np.ndarray, "B C"]:
        by_class = (self.beta * self._fields(states)).reshape(len(states), self._classes, -1)
        return logsumexp(by_class, axis=2) / self.beta

    @property
    def _classes(self) -> int:
        return int(self.labels.max()) + 1

    @cached_property
    def _places(self) -> Int[np.ndarray, "C _"]:
        """Places of the stored images, class by class; -1 where a class has fewer than another."""
        by_class = [np.flatnonzero(self.labels == label) for label in range(self._classes)]
        places = np.full((self._classes, max(map(len, by_class))), -1)
        for row, found in zip(places, by_class, strict=True):
            row[: len(found)] = found
        return places

    @cached_property
    def _columns(self) -> Float64[np.ndarray, "N _"]:
        return np.ascontiguousarray(scaled(self.grey[self._places.ravel()]).T)

    @cached_property
    def _bias(self) -> Float64[np.ndarray, "_"]:
        """What is stored for the unit that is always at 1; the columns that only fill a class up never count."""
        return np.where(self._places.ravel() < 0, -np.inf, -np.square(self._columns).sum(axis=0) / 2)

    def save(self, path: str | Path) -> None:
        described = {"beta": self.beta, "steps": self.steps, "threshold": self.threshold, **self.description}
        tensors = {"grey": self.grey, "labels": self.labels, "index": self.index}
        write_model(path, tensors, {"kind": "continuous_memory", **described})

    @classmethod
    def load(cls, path: str | Path) -> "ContinuousMemory":
        tensors, description = read_model(path)
        numbers = {key: description[key] for key in ("beta", "steps", "threshold")}
        return cls(tensors["grey"], tensors["labels"], tensors["index"], **numbers, description=description)


def scaled(grey: UInt8[np.ndarray, "B N"]) -> Float64[np.ndarray, "B N"]:
    """Grey levels 0 ... 255 as the reals -1 ... 1, of which black and white are the ±1 of binary patterns."""
    return grey.astype(np.float64) / 127.5 - 1


def train(
    grey: UInt8[np.ndarray, "n N"],
    labels: Integer[np.ndarray, " n"],
    index: Integer[np.ndarray, " n"],
    definition: Mapping[str, Any],
    *,
    threshold: float = 0.5,
    description: Mapping[str, Any] | None = None,
) -> tuple[ContinuousMemory, pd.DataFrame]:
    """Store the first ``images``, and choose β by the error on the next ``validation`` ones.

    Args:
        grey, labels, index: of training images, ``images`` + ``validation`` or more.
        definition: ``images``, ``validation``, ``betas``, ``steps``.

    Returns:
        The memory, and the history with the columns beta, validation_error. Of betas of equal error the smallest is
        taken, whose memory is the smoothest.

    Raises:
        ValueError: there are fewer images than are stored and judged.
    """
    count, judged = definition["images"], definition["validation"]
    if len(grey) < count + judged:
        raise ValueError(f"there are {len(grey)} images; needed are {count} to store and {judged} to choose beta by")
    stored, held_out = slice(count), slice(count, count + judged)
    described = {"definition": dict(definition), **(description or {})}

    def memory(beta: float) -> ContinuousMemory:
        kept = (grey[stored], np.asarray(labels[stored], dtype=np.int64), np.asarray(index[stored], dtype=np.int64))
        return ContinuousMemory(*kept, beta, definition["steps"], threshold, described)

    errors = [
        float((memory(beta).predict(scaled(grey[held_out])) != labels[held_out]).mean()) for beta in definition["betas"]
    ]
    history = pd.DataFrame({"beta": np.array(definition["betas"], dtype=float), "validation_error": errors})
    best = history.sort_values(["validation_error", "beta"], kind="stable").iloc[0]
    return memory(float(best["beta"])), history
