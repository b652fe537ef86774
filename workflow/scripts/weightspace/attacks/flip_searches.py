"""Files of the search for the fewest flips (`portfolio`): which images are attacked, and what was found for each.

Comparisons of models are made on images that both answer rightly, so these are chosen before the attack, in a fixed
order, from the clean answers of all models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int, Shaped

from weightspace.attacks.flip_files import packed_distances
from weightspace.attacks.flips import NOT_ATTACKED, flip
from weightspace.attacks.portfolio import Trace
from weightspace.classifier import Classifier
from weightspace.data.patterns import Patterns, pack, unpack
from weightspace.files import ArrayFile, FileError


@dataclass(frozen=True)
class CleanAnswers(ArrayFile):
    """Which of M test images of S seeds each of T models misclassifies clean.

    ``index`` (S, M) are the images' positions among the test images, in the seed's fixed order; ``models`` (T,) names;
    ``wrong`` (T, S, M) bool.
    """

    index: Int[np.ndarray, "S M"]
    models: Shaped[np.ndarray, " T"]
    wrong: Bool[np.ndarray, "T S M"]

    @classmethod
    def read(cls, path: str | Path) -> "CleanAnswers":
        return cls(**cls.read_arrays(path))

    def right(self, *models: str) -> Bool[np.ndarray, "S M"]:
        """Images that all these models answer rightly."""
        places = [list(map(str, self.models)).index(model) for model in models]
        return np.logical_not(self.wrong[places].any(axis=0))

    def chosen(
        self, model: str, pairs: Sequence[Sequence[str]], *, images: int, others: int
    ) -> Bool[np.ndarray, "S M"]:
        """Images on which a model is attacked: of each pair that it belongs to, the first ``images`` that both answer
        rightly; a model of no pair, the first ``others`` that it answers rightly.
        """
        mine = [pair for pair in pairs if model in pair]
        if not mine:
            return self.first_right(model, count=others)
        return np.any([self.first_right(*pair, count=images) for pair in mine], axis=0)

    def first_right(self, *models: str, count: int) -> Bool[np.ndarray, "S M"]:
        """Of each seed the first ``count`` images that all these models answer rightly."""
        right = self.right(*models)
        return right & (right.cumsum(axis=1) <= count)


@dataclass(frozen=True)
class FlipSearches(ArrayFile):
    """What the search found on M test images of S seeds, for one model.

    ``index`` (S, M) as in `CleanAnswers`; ``queries`` (Q,); ``flips`` (Q, S, M) int16, the fewest flips after so many
    queries, -1 where none were found, -2 for images that were not attacked; ``found`` (S, M, ⌈N/8⌉), the patterns of
    the last, the clean ones where there are none; ``spent`` (S, M) queries asked.
    """

    index: Int[np.ndarray, "S M"]
    queries: Int[np.ndarray, " Q"]
    flips: Int[np.ndarray, "Q S M"]
    found: Shaped[np.ndarray, "S M bytes"]
    spent: Int[np.ndarray, "S M"]

    @classmethod
    def read(cls, path: str | Path, data: Patterns) -> "FlipSearches":
        """Read, and check every pattern against the clean ones of ``data``.

        Raises:
            FileError: naming the file and the first pattern that is not changed in as many bits as it says, or what a
                seed attacks twice.
        """
        searches = cls(**cls.read_arrays(path))
        for seed, index in enumerate(searches.index):
            images, times = np.unique(index, return_counts=True)
            if (times > 1).any():
                raise FileError(f"{path}: test image {images[times > 1][0]} is there twice in seed {seed}")
        for index, found, flips in zip(searches.index, searches.found, searches.flips[-1], strict=True):
            changed = packed_distances(found, data.packed_test[index])
            wrong = np.flatnonzero(changed != np.maximum(flips, 0))
            if len(wrong):
                first = wrong[0]
                raise FileError(
                    f"{path}: test image {index[first]} is changed in {changed[first]} bits, where it says"
                    f" {max(int(flips[first]), 0)}"
                )
        return searches

    def check(self, name: str, model: Classifier, *, seed: int, data: Patterns) -> None:
        """Ask the model again.

        Raises:
            FileError: a pattern that should mislead it does not.
        """
        told = np.flatnonzero(self.flips[-1, seed] >= 0)
        if not len(told):
            return
        labels = data.test_labels[self.index[seed, told]]
        right = model.predict(unpack(self.found[seed, told], data.size)) == labels
        if right.any():
            image = self.index[seed, told[right.argmax()]]
            raise FileError(
                f"{name} answers test image {image} rightly after flips that should mislead it; search again"
            )


def collect(
    index: Int[np.ndarray, "S M"],
    attacked: Bool[np.ndarray, "S M"],
    traces: Sequence[Trace],
    data: Patterns,
) -> FlipSearches:
    """`FlipSearches` of one model from what was found on the attacked images of each seed."""
    queries = traces[0].queries
    flips = np.full((len(queries), *index.shape), NOT_ATTACKED, dtype=np.int16)
    found, spent = data.packed_test[index].copy(), np.zeros(index.shape, dtype=np.int64)
    for seed, (places, trace) in enumerate(zip(attacked, traces, strict=True)):
        flips[:, seed, places], spent[seed, places] = trace.flips, trace.spent
        patterns = flip(data.test(index[seed, places]), trace.mask)
        if len(patterns):
            found[seed, places] = pack(patterns > 0)
    return FlipSearches(index, queries, flips, found, spent)
