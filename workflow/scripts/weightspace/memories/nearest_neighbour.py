"""The nearest neighbour among stored patterns as a classifier of its own: the control that neither learns nor
recalls.
"""

from dataclasses import dataclass, field

import numpy as np

from weightspace.data.patterns import pack, unpack
from weightspace.memories import hopfield
from weightspace.model_files import read_model, write_model

_BATCH = 1000


@dataclass(frozen=True)
class NearestNeighbour:
    """``patterns`` (P, N) int8 of ±1, ``labels`` (P,) int64 and ``index`` (P,) int64, the patterns' positions among the
    training images.
    """

    patterns: np.ndarray
    labels: np.ndarray
    index: np.ndarray
    description: dict = field(default_factory=dict)

    def predict(self, patterns):
        """Label (B,) int64 of the pattern at the smallest Hamming distance, the first of equals."""
        patterns = hopfield.check_patterns(patterns, size=self.patterns.shape[1])
        parts = (patterns[start : start + _BATCH] for start in range(0, len(patterns), _BATCH))
        nearest = [hopfield.exact_product(part, self.patterns.T).argmax(axis=1) for part in parts]
        return self.labels[np.concatenate(nearest)]

    def answers(self, grey, patterns):
        """Labels for the binarised image, the only one that it sees."""
        return {"binarised": self.predict(patterns)}

    def save(self, path):
        tensors = {"packed": pack(self.patterns > 0), "labels": self.labels, "index": self.index}
        write_model(path, tensors, {"kind": "nearest_neighbour", "size": self.patterns.shape[1], **self.description})

    @classmethod
    def load(cls, path):
        tensors, description = read_model(path)
        return cls(unpack(tensors["packed"], description["size"]), tensors["labels"], tensors["index"], description)
