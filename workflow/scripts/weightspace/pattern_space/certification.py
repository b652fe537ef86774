"""How far around an image no pattern is answered otherwise: every flip tried where that can be done, a sound bound
beyond.
"""

from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int, Int8, Int64

from weightspace.classifier import Classifier
from weightspace.data.labelled_images import LabelledImages, is_among
from weightspace.estimates import CLOPPER_PEARSON, clopper_pearson
from weightspace.pattern_space import EXACT, KINDS
from weightspace.pattern_space.network_answers import FlippedNetwork
from weightspace.pattern_space.partition import kinds_of
from weightspace.pattern_space.shells import SharedFlips, rows_of

BOUND = "lower bound"


def try_single_flips(
    flipped: FlippedNetwork, images: LabelledImages, answers: Int[np.ndarray, " M"], shared: SharedFlips
) -> tuple[pd.DataFrame, Bool[np.ndarray, " M"]]:
    """All single flips of all images of a network, which gives ``answers``, and with them its first shell, exactly.

    Returns:
        Rows as of `shells.count_kinds` for distance 1; and which images are right with all their single flips.
    """
    flips, masks = shared.flips, shared.masks
    starts = np.searchsorted(flips[:, 0], np.arange(len(images.masks) + 1))
    right = images.bears(answers)
    counts, safe = np.zeros((len(KINDS), 2), dtype=np.int64), np.zeros(len(right), dtype=bool)
    for image, pattern in enumerate(images.patterns):
        labels, mask = flipped.single(pattern), images.masks[image]
        among = is_among(labels, mask)
        safe[image] = right[image] and among.all()
        several = int(np.bitwise_count(mask) > 1)
        here = slice(starts[image], starts[image + 1])
        own = np.ones(len(labels), dtype=bool)
        own[flips[here, 1]] = False
        counts[KINDS.index("P_g"), several] += (among & own).sum()
        counts[KINDS.index("P_adv" if right[image] else "P_err"), several] += (~among & own).sum()
        if starts[image] < starts[image + 1]:
            kinds = kinds_of(labels[flips[here, 1]], masks[here], bool(right[image]))[shared.owned[here]]
            np.add.at(counts, (kinds, (np.bitwise_count(masks[here]) > 1)[shared.owned[here]].astype(int)), 1)
    rows = pd.DataFrame(rows_of(1, counts, n=int(counts.sum()), guarantee=EXACT))
    return rows[rows.kind != "P_none"], safe


def safe_distances_of_network(
    flipped: FlippedNetwork, patterns: Int8[np.ndarray, "B N"], labels: Int[np.ndarray, " B"], most: int
) -> Int64[np.ndarray, " B"]:
    """For images that a network answers with ``labels``: up to how many flips surely keep the answer, ``most`` at most.

    Up to two flips are all tried; beyond, `network_answers.FlippedNetwork.safe_flips` gives a bound.
    """
    found = np.zeros(len(patterns), dtype=np.int64)
    for place, (pattern, label) in enumerate(zip(patterns, labels, strict=True)):
        if (flipped.single(pattern) == label).all():
            found[place] = 1
            if most > 1 and (flipped.double(pattern) == label).all():
                found[place] = max(2, flipped.safe_flips(pattern, int(label), most))
    return found


def safe_from_single_flips(
    classifier: Classifier, patterns: Int8[np.ndarray, "B N"], labels: Int[np.ndarray, " B"], readout: str
) -> Bool[np.ndarray, " B"]:
    """Which images any classifier answers with ``labels`` after each of their single flips; all N of each are tried."""
    itself = np.eye(patterns.shape[1], dtype=bool)
    safe = np.empty(len(patterns), dtype=bool)
    for place, (pattern, label) in enumerate(zip(patterns, labels, strict=True)):
        safe[place] = (classifier.readouts(np.where(itself, -pattern, pattern))[readout] == label).all()
    return safe


def summarise(distances: Int[np.ndarray, " n"], *, tried: int, most: int) -> list[dict[str, Any]]:
    """Rows of the table `certified` for one model: around how many of n images no pattern within each distance is
    answered otherwise.

    Args: distances, up to which each image is known to be safe; tried, the distance up to which all flips were tried;
    most, that up to which bounds were looked for.
    """
    rows, n = [], len(distances)
    for distance in range(1, most + 1):
        certified = int((distances >= distance).sum())
        low, high = clopper_pearson(certified, n)
        exact = distance <= tried
        row = {
            "distance": distance,
            "certified": certified,
            "n": n,
            "estimate": certified / n if n else np.nan,
            "low": low,
        }
        rows.append(
            {**row, "high": high if exact else 1.0, "interval": CLOPPER_PEARSON, "guarantee": EXACT if exact else BOUND}
        )
    return rows
