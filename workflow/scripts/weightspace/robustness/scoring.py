"""Scores of one model on saved images, one row per image and way of answering: outcomes are kept, rates come later."""

import numpy as np
import pandas as pd

from weightspace.attacks.adversarial_files import SPLITS
from weightspace.data.binarise import binarise
from weightspace.data.patterns import signs


def score(classifier, images, threshold, *, known=None):
    """Long table of a classifier's answers to clean (budget 0) and attacked images.

    Args:
        classifier: offers ``answers(grey, patterns)``, from grey images (B, N) uint8 and their binarised patterns (B,
            N) of ±1 to a dict from each way of answering to labels (B,).
        images: `adversarial_files.AdversarialImages`.
        threshold: share of full scale above which a pixel is +1.
        known: a dict that keeps this classifier's answers to clean images, a fourth of what it is asked, from one file
            to the next.

    Returns:
        DataFrame with the columns split, rank (place of the image in the file among those of its split), index, label,
        budget, answer (the way), predicted.
    """
    split = np.array(SPLITS)[images.split]
    common = {"split": split, "index": images.index, "label": images.label.astype(np.int16)}
    common["rank"] = pd.Series(split).groupby(split).cumcount().to_numpy(dtype=np.int32)
    known = {} if known is None else known
    answers = [
        _answers_once(classifier, images.clean, threshold, known),
        *(_answers(classifier, grey, threshold) for grey in images.adversarial),
    ]
    parts = []
    for budget, by_way in zip((0.0, *images.budget), answers, strict=True):
        for way, predicted in by_way.items():
            parts.append(
                pd.DataFrame({**common, "budget": budget, "answer": way, "predicted": predicted.astype(np.int16)})
            )
    return pd.concat(parts, ignore_index=True)


def _answers(classifier, grey, threshold):
    return classifier.answers(grey, signs(binarise(grey, threshold=threshold)))


def _answers_once(classifier, grey, threshold, known):
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
