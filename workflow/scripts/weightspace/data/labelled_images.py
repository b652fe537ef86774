"""The labelled images D around which the pattern space is divided: distinct patterns, each with the labels that its
images bear.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Bool

from weightspace.classifier import Classifier
from weightspace.data import MOST_CLASSES
from weightspace.data.patterns import pack, unpack


@dataclass(frozen=True)
class LabelledImages:
    """M distinct patterns of N bits.

    ``packed`` (M, ⌈N/8⌉) uint8 are the rows of `patterns.pack`, in increasing order of their bytes; ``masks`` (M,)
    uint16 say by bit which labels a pattern's images bear; ``counts`` (M, classes) how many images of each label;
    ``trained`` (M,) bool whether one of them is a training image.
    """

    packed: np.ndarray
    masks: np.ndarray
    counts: np.ndarray
    trained: np.ndarray
    size: int

    @cached_property
    def patterns(self):
        """The patterns (M, N) int8 of ±1."""
        return unpack(self.packed, self.size)

    @property
    def label_ceiling(self):
        """The largest share of the images that any classifier can get right, since equal patterns with several labels
        get one answer.
        """
        return float(self.counts.max(axis=1).sum() / self.counts.sum())

    @property
    def ambiguous(self):
        """Number of patterns whose images bear several labels."""
        return int((np.bitwise_count(self.masks) > 1).sum())

    def describe(self, dataset):
        """One row of the table `pattern_datasets`."""
        row = {"dataset": dataset, "bits": self.size, "images": int(self.counts.sum()), "patterns": len(self.masks)}
        row |= {
            "training_patterns": int(self.trained.sum()),
            "patterns_of_several_labels": self.ambiguous,
            "label_ceiling": self.label_ceiling,
        }
        return pd.DataFrame([row])

    def bears(self, answers):
        """Whether each answer (M,) is among the labels of its pattern; -1, no answer, never is."""
        return is_among(answers, self.masks)

    def find(self, patterns):
        """Positions (B,) of patterns (B, N).

        Raises:
            ValueError: one of them is no pattern of D.
        """
        rows, wanted = _as_keys(self.packed), _as_keys(pack(patterns > 0))
        places = np.searchsorted(rows, wanted)
        found = places < len(rows)
        found[found] = rows[places[found]] == wanted[found]
        if not found.all():
            raise ValueError(f"{int((~found).sum())} of {len(found)} patterns are none of the labelled images")
        return places

    def learnt_by(self, classifier: Classifier) -> Bool[np.ndarray, " M"]:
        """T, as a mask: the patterns that a model stores, or the training images where it stores none."""
        if classifier.stored is None:
            return self.trained
        learnt = np.zeros(len(self.masks), dtype=bool)
        learnt[self.find(classifier.stored)] = True
        return learnt


def collect(patterns, labels, is_training):
    """`LabelledImages` of all images given, equal patterns as one.

    Args: patterns (n, N) of ±1, labels (n,) from 0 to `MOST_CLASSES` - 1, is_training (n,) bool.
    """
    labels = np.asarray(labels)
    if labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise ValueError(f"labels must lie between 0 and {MOST_CLASSES - 1}, found {labels.min()} to {labels.max()}")
    packed = pack(np.asarray(patterns) > 0)
    _, first, which = np.unique(_as_keys(packed), return_index=True, return_inverse=True)
    counts = np.zeros((len(first), int(labels.max()) + 1), dtype=np.int64)
    np.add.at(counts, (which, labels), 1)
    masks = ((counts > 0) << np.arange(counts.shape[1])).sum(axis=1).astype(np.uint16)
    return LabelledImages(packed[first], masks, counts, np.bincount(which, weights=is_training) > 0, patterns.shape[1])


def is_among(answers, masks):
    """Whether each answer (B,) is one of the labels of a mask (B,); -1 never is."""
    answers = np.asarray(answers)
    return (answers >= 0) & ((masks >> np.clip(answers, 0, MOST_CLASSES).astype(np.uint16)) & 1 == 1)


def _as_keys(packed):
    """Rows of bytes as one value each, which compare as their bytes do."""
    return np.ascontiguousarray(packed).view(f"V{packed.shape[1]}")[:, 0]
