"""Scores of one model on saved images, one row per image and way of answering: outcomes are kept, rates come later."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64, UInt8

from weightspace.attacks.adversarial_files import SPLITS, AdversarialImages, origin
from weightspace.classifier import Classifier
from weightspace.data.patterns import binarise, signs
from weightspace.files import read_npz, write_npz

_WORDS = ":words"


def score_files(classifier: Classifier, paths: Iterable[str | Path], threshold: float) -> pd.DataFrame:
    """`score_images` of several files, each with its ``attack`` and, as ``network``, the source of its images."""
    known: dict[bytes, dict[str, Any]] = {}
    parts = []
    for path in paths:
        attack, source = origin(path)
        scores = score_images(classifier, AdversarialImages.read(path), threshold, known=known)
        parts.append(scores.assign(attack=attack, network=source))
    return pd.concat(parts, ignore_index=True)


def score_images(
    classifier: Classifier,
    images: AdversarialImages,
    threshold: float,
    *,
    known: dict[bytes, dict[str, Any]] | None = None,
) -> pd.DataFrame:
    """Long table of a classifier's answers to clean (budget 0) and attacked images.

    Args:
        threshold: share of full scale above which a pixel is +1.
        known: keeps this classifier's answers to clean images, a fourth of what it is asked, from one file to the next.

    Returns:
        DataFrame with the columns split, rank (place of the image in the file among those of its split), index, label,
        budget, answer (the way), predicted.
    """
    split = np.array(SPLITS)[images.split]
    common = {"split": split, "index": images.index, "label": images.label.astype(np.int16)}
    common["rank"] = pd.Series(split).groupby(split).cumcount().to_numpy(dtype=np.int32)
    answers = [
        _answers_once(classifier, images.clean, threshold, {} if known is None else known),
        *(_answers(classifier, grey, threshold) for grey in images.adversarial),
    ]
    parts = []
    for budget, by_way in zip((0.0, *images.budget), answers, strict=True):
        for way, predicted in by_way.items():
            parts.append(
                pd.DataFrame({**common, "budget": budget, "answer": way, "predicted": predicted.astype(np.int16)})
            )
    return pd.concat(parts, ignore_index=True)


def _answers(
    classifier: Classifier, grey: UInt8[np.ndarray, "B N"], threshold: float
) -> dict[str, Int64[np.ndarray, "B"]]:
    return classifier.answers(grey, signs(binarise(grey, threshold=threshold)))


def _answers_once(
    classifier: Classifier, grey: UInt8[np.ndarray, "B N"], threshold: float, known: dict[bytes, dict[str, Any]]
) -> dict[str, Int64[np.ndarray, "B"]]:
    """`_answers`, of which those in ``known``, from an image's bytes to the label of each way of answering, are not
    asked for again.
    """
    keys = [image.tobytes() for image in grey]
    new = [place for place, key in enumerate(keys) if key not in known]
    if new:
        answers = _answers(classifier, grey[new], threshold)
        for number, place in enumerate(new):
            known[keys[place]] = {way: labels[number] for way, labels in answers.items()}
    return {way: np.array([known[key][way] for key in keys]) for way in known[keys[0]]}


def write_scores(path: str | Path, scores: pd.DataFrame) -> None:
    """Write a long table; a column of text becomes the positions of its words and, beside it, the words: a hundred
    thousand rows repeat few of them.
    """
    arrays: dict[str, np.ndarray] = {}
    for name, column in scores.items():
        if column.dtype.kind in "biuf":
            arrays[str(name)] = column.to_numpy()
        else:
            codes, words = pd.factorize(column.astype(str).to_numpy(dtype=object), sort=True)
            arrays[str(name)], arrays[f"{name}{_WORDS}"] = codes.astype(np.uint16), words.astype(str)
    write_npz(path, **arrays)


def read_scores(path: str | Path) -> pd.DataFrame:
    """Read what `write_scores` wrote; columns of text are categorical.

    Raises:
        FileError: missing or damaged.
    """
    arrays = read_npz(path)
    columns: dict[str, Any] = {name: array for name, array in arrays.items() if not name.endswith(_WORDS)}
    for name in columns:
        if name + _WORDS in arrays:
            columns[name] = pd.Categorical.from_codes(columns[name].astype(np.int16), pd.Index(arrays[name + _WORDS]))
    return pd.DataFrame(columns)
