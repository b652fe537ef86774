"""The nearest neighbour among stored patterns: the control that neither learns nor recalls, and what a memory reads its
labels with.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped, UInt8

from weightspace.classifier import Classifier, EqualByContent, Formula, Labels, ToTensor
from weightspace.data.patterns import pack, unpack
from weightspace.memories import hopfield
from weightspace.model_files import read_model, write_model

_BATCH = 1000


@dataclass(frozen=True, eq=False, repr=False)
class NearestNeighbour(EqualByContent, Classifier):
    """``patterns`` (P, N) int8 of ±1, ``labels`` (P,) int64 and ``index`` (P,) int64, the patterns' positions among the
    training images.
    """

    patterns: Shaped[np.ndarray, "P N"]
    labels: Int[np.ndarray, " P"]
    index: Int[np.ndarray, " P"]
    description: dict[str, Any] = field(default_factory=dict, compare=False)

    always_answers = True

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        """Label (B,) int64 of the pattern at the smallest Hamming distance, the first of equals."""
        patterns = hopfield.check_patterns(patterns, size=self.patterns.shape[1])
        parts = (patterns[start : start + _BATCH] for start in range(0, len(patterns), _BATCH))
        nearest = [hopfield.exact_product(part, self.patterns.T).argmax(axis=1) for part in parts]
        return self.labels[np.concatenate(nearest)]

    def scores(self, patterns: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, "B C"]:
        """The largest overlap with a pattern of each class."""
        return overlap_scores(patterns, self.patterns, self.labels)

    def differentiable(self, tensor: ToTensor) -> Formula:
        return overlap_formula(tensor, self.patterns, self.labels)

    @property
    def stored(self) -> Shaped[np.ndarray, "P N"]:
        return self.patterns

    def save(self, path: str | Path) -> None:
        tensors = {"packed": pack(self.patterns > 0), "labels": self.labels, "index": self.index}
        write_model(path, tensors, {"kind": "nearest_neighbour", "size": self.patterns.shape[1], **self.description})

    @classmethod
    def load(cls, path: str | Path) -> "NearestNeighbour":
        tensors, description = read_model(path)
        return cls(unpack(tensors["packed"], description["size"]), tensors["labels"], tensors["index"], description)


def nearest_grey(
    stored: UInt8[np.ndarray, "P N"], labels: Int[np.ndarray, " P"], images: UInt8[np.ndarray, "B N"]
) -> Labels:
    """Label (B,) of the stored grey image at the smallest Euclidean distance of each image, the first of equals; exact,
    since all numbers are whole.
    """
    lengths = (stored.astype(np.int64) ** 2).sum(axis=1)
    columns = stored.T.astype(np.float64)
    parts = (images[start : start + _BATCH] for start in range(0, len(images), _BATCH))
    nearest = [(lengths - 2 * (part.astype(np.float64) @ columns)).argmin(axis=1) for part in parts]
    return labels[np.concatenate(nearest)].astype(np.int64)


def overlap_scores(
    states: Shaped[np.ndarray, "B N"], patterns: Shaped[np.ndarray, "P N"], labels: Int[np.ndarray, " P"]
) -> Float[np.ndarray, "B C"]:
    """The largest overlap of each state with a pattern of each class, of patterns with ``labels``."""
    overlaps = np.asarray(states, dtype=np.float32) @ patterns.T.astype(np.float32)  # (B, P), exact
    # Of a class of which no pattern is stored it is -inf.
    columns = [overlaps[:, labels == label].max(axis=1, initial=-np.inf) for label in range(int(labels.max()) + 1)]
    return np.stack(columns, axis=1)


def overlap_formula(tensor: ToTensor, patterns: Shaped[np.ndarray, "P N"], labels: Int[np.ndarray, " P"]) -> Formula:
    """`overlap_scores`, as shares of the N bits, in tensors: states (B, N) to scores (B, C)."""
    size, columns = patterns.shape[1], tensor(patterns).T
    others = tensor(np.where(np.arange(int(labels.max()) + 1)[:, None] == labels, 0.0, -np.inf))  # (C, P)
    return lambda states: ((states @ columns / size)[:, None, :] + others).amax(2)
