"""How far around an image no pattern is answered otherwise: every flip tried where that can be done, a sound bound
beyond.
"""

import numpy as np
import pandas as pd

from weightspace.data.labelled_images import is_among
from weightspace.data.patterns import pack
from weightspace.estimates import clopper_pearson
from weightspace.pattern_space import EXACT, KINDS
from weightspace.pattern_space.partition import kinds_of
from weightspace.pattern_space.shells import answers_of, rows_of

BOUND = "lower bound"


def try_single_flips(flipped, images, answers, shared):
    """All single flips of all images of a network, and with them its first shell, exactly.

    Args:
        flipped: `network_answers.FlippedNetwork`.
        images: `labelled_images.LabelledImages`; answers (M,), the network's.
        shared: `shells.SharedFlips` of the images.

    Returns:
        Rows as of `shells.count_kinds` for distance 1; and which images (M,) are right with all their single
        flips.
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
            kinds = kinds_of(labels[flips[here, 1]], masks[here], right[image])[shared.owned[here]]
            np.add.at(counts, (kinds, (np.bitwise_count(masks[here]) > 1)[shared.owned[here]].astype(int)), 1)
    rows = pd.DataFrame(rows_of(1, counts, n=int(counts.sum()), guarantee=EXACT))
    return rows[rows.kind != "P_none"], safe


def safe_distances_of_network(flipped, patterns, labels, most):
    """For images (B, N) that a network answers with ``labels`` (B,): up to how many flips surely keep the answer, (B,),
    ``most`` at most.

    Up to two flips are all tried; beyond, `network_answers.FlippedNetwork.safe_flips` gives a bound.
    """
    found = np.zeros(len(patterns), dtype=np.int64)
    for place, (pattern, label) in enumerate(zip(patterns, labels, strict=True)):
        if (flipped.single(pattern) == label).all():
            found[place] = 1
            if most > 1 and (flipped.double(pattern) == label).all():
                found[place] = max(2, flipped.safe_flips(pattern, label, most))
    return found


def safe_from_single_flips(classifier, patterns, labels, readout):
    """Which images (B, N) any classifier answers with ``labels`` (B,) after each of their single flips, (B,) bool; all
    N of each are tried.
    """
    size = patterns.shape[1]
    safe = np.empty(len(patterns), dtype=bool)
    for place, (pattern, label) in enumerate(zip(patterns, labels, strict=True)):
        flips = np.where(np.eye(size, dtype=bool), -pattern, pattern)
        safe[place] = (answers_of(classifier, pack(flips > 0), size)[readout] == label).all()
    return safe


def summarise(distances, *, tried, most, n):
    """Rows of the table `certified` for one model: how many of n images no pattern within each distance is answered
    otherwise.

    Args: distances (n,), up to which each image is known to be safe; tried, the distance up to which all flips were
    tried; most, that up to which bounds were looked for.
    """
    rows = []
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
        rows.append({**row, "high": high if exact else 1.0, "guarantee": EXACT if exact else BOUND})
    return rows
