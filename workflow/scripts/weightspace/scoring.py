"""Scores of one model on saved images, one row per image and way of answering: outcomes are kept, rates come later."""

import numpy as np
import pandas as pd

from weightspace.adversarial_files import SPLITS
from weightspace.binarise import binarise
from weightspace.patterns import signs


def score(classifier, images, threshold):
    """Long table of a classifier's answers to clean (budget 0) and attacked images.

    Args:
        classifier: offers ``answers(grey, patterns)``, from grey images (B, N) uint8 and their binarised patterns (B, N) of ±1 to
            a dict from each way of answering to labels (B,).
        images: `adversarial_files.AdversarialImages`.
        threshold: share of full scale above which a pixel is +1.

    Returns:
        DataFrame with the columns split, rank (place of the image in the file among those of its split), index, label, budget,
        answer (the way), predicted.
    """
    split = np.array(SPLITS)[images.split]
    common = {"split": split, "index": images.index, "label": images.label.astype(np.int16)}
    common["rank"] = pd.Series(split).groupby(split).cumcount().to_numpy(dtype=np.int32)
    parts = []
    for budget, grey in zip((0.0, *images.budget), (images.clean, *images.adversarial), strict=True):
        for way, predicted in classifier.answers(grey, signs(binarise(grey, threshold=threshold))).items():
            parts.append(pd.DataFrame({**common, "budget": budget, "answer": way, "predicted": predicted.astype(np.int16)}))
    return pd.concat(parts, ignore_index=True)
