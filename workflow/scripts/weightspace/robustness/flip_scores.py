"""Scores in the binary domain: every model's answers to the clean, attacked, transferred and randomly flipped patterns
of one seed, from files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int, Shaped

from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.attacks.flip_searches import FlipSearches
from weightspace.attacks.flips import NOT_ATTACKED
from weightspace.classifier import Classifier
from weightspace.data.patterns import Patterns
from weightspace.files import ArrayFile, FileError

NOT_ASKED = -1


@dataclass(frozen=True)
class FlipScores(ArrayFile):
    """Outcomes of one seed, image by image, for T models, A attacks, R sources of patterns at K budgets, and M images.

    ``wrong`` (T, M) int8 whether the clean image is misclassified; ``flips`` (T, A, M) int16, smallest numbers of
    flips, -1 none found, -2 not attacked; ``transferred`` (T, R, K, M) int8 whether the source's pattern is
    misclassified, -1 where there is none. The last source is random.
    """

    models: Shaped[np.ndarray, " T"]
    attacks: Shaped[np.ndarray, " A"]
    sources: Shaped[np.ndarray, " R"]
    budgets: Int[np.ndarray, " K"]
    wrong: Int[np.ndarray, "T M"]
    flips: Int[np.ndarray, "T A M"]
    transferred: Int[np.ndarray, "T R K M"]

    @classmethod
    def read(cls, path: str | Path) -> "FlipScores":
        return cls(**cls.read_arrays(path))


def score_flips(
    models: Mapping[str, Callable[[], Classifier]],
    files: Mapping[str, FlippedPatterns],
    random: FlippedPatterns,
    searches: Mapping[str, FlipSearches],
    *,
    seed: int,
    data: Patterns,
) -> FlipScores:
    """Ask all models again, from the files.

    Args:
        models: name to a function that builds the model, called once and let go, since memories are large.
        files: name to what was made for the model, all with the same attacks and budgets.
        random: random flips.
        searches: name to what the search for the fewest flips found, which is asked for again.
        seed: which of the files' seeds.

    Raises:
        FileError: a pattern that should mislead a model does not.
    """
    clean, labels, _, _ = random.of_seed(seed, data)
    sources = {**files, "random": random}
    first = next(iter(files.values()))
    shape = (len(models), len(sources), len(first.budgets), len(labels))
    wrong, transferred = np.empty((shape[0], shape[-1]), dtype=np.int8), np.full(shape, NOT_ASKED, dtype=np.int8)
    flips = np.full((len(models), len(first.attacks), shape[-1]), NOT_ATTACKED, dtype=np.int16)
    given = {name: source.of_seed(seed, data) for name, source in sources.items()}
    for place, (name, build) in enumerate(models.items()):
        model = build()
        wrong[place] = model.predict(clean) != labels
        for column, (_, right, _, fixed) in enumerate(given.values()):
            count = fixed.shape[1]
            if count:
                answers = model.predict(fixed.reshape(-1, fixed.shape[-1])).reshape(fixed.shape[:2])
                transferred[place, column, :, :count] = answers != right[:count]
        claimed = files[name].flips[:, seed]
        flips[place, :, : claimed.shape[1]] = claimed
        _check_successes(name, model, given[name], claimed)
        if name in searches:
            searches[name].check(name, model, seed=seed, data=data)
    return FlipScores(
        np.array(list(models)), first.attacks, np.array(list(sources)), first.budgets, wrong, flips, transferred
    )


def _check_successes(name, model, given, claimed):
    _, labels, found, _ = given
    for patterns, flips in zip(found, claimed, strict=True):
        told = np.flatnonzero(flips >= 0)
        right = model.predict(patterns[told]) == labels[told] if len(told) else np.zeros(0, dtype=bool)
        if right.any():
            image = told[right.argmax()]
            raise FileError(
                f"{name} classifies image {image} rightly after {flips[image]} flips that should mislead it; attack it"
                " again"
            )
