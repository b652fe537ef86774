"""The parts of the pattern space, P_u = P_t + P_g + P_a + P_r, counted exactly where every pattern can be visited.

For a model with training patterns T, labelled images D ⊇ T and a radius r (Hamming distance):

    P_t  the patterns of T
    P_g  the other patterns within r of D whose answer is among the labels of their nearest images
    P_a  the rest of those within r: P_adv where the nearest image (of lowest index) is itself answered rightly, P_err
         where it is not, P_none where there is no answer
    P_r  all patterns farther than r from D

Counts are kept by shell, the patterns at one distance from D, and by whether the nearest images bear several labels.
"""

import numpy as np
from jaxtyping import Bool, Int, Int8, Int64, UInt16

from weightspace.compiled import compiled
from weightspace.data.hypercube import Nearest
from weightspace.data.labelled_images import is_among
from weightspace.pattern_space import KINDS

_TRAINED, _GENERALISED, _ADVERSARIAL, _ERROR, _NONE = range(len(KINDS))


def kinds_of(
    answers: Int[np.ndarray, " B"], masks: UInt16[np.ndarray, " B"], nearest_is_right: Bool[np.ndarray, " B"] | bool
) -> Int64[np.ndarray, " B"]:
    """The kind of patterns outside T, as places in `KINDS`.

    Args: answers, -1 for none; masks of the labels of the nearest images; nearest_is_right, whether the nearest image
    is answered rightly.
    """
    right = is_among(answers, masks)
    wrong = np.where(np.asarray(answers) < 0, _NONE, np.where(nearest_is_right, _ADVERSARIAL, _ERROR))
    return np.where(right, _GENERALISED, wrong)


def count_shells(
    answers: Int8[np.ndarray, " all"],
    nearest: Nearest,
    codes: Int64[np.ndarray, " M"],
    learnt: Bool[np.ndarray, " M"],
) -> Int64[np.ndarray, "shells kinds 2"]:
    """Count all patterns by shell, kind and number of nearest labels, in one pass.

    Args:
        answers: labels of all 2^N patterns in the order of their codes, -1 for none.
        nearest: `hypercube.nearest_to_all`.
        codes: of the images of D; learnt, those of T.

    Returns:
        Counts; the last axis says whether the nearest images bear one label or several.

    Raises:
        ValueError: answers and images are of different numbers of bits.
    """
    distances, indices, masks = nearest
    if len({len(answers), *map(len, nearest)}) > 1 or len(codes) != len(learnt):
        raise ValueError(
            f"answers to {len(answers)} patterns are counted around images of {len(distances)}, {len(learnt)} of"
            f" {len(codes)} of which are said to be learnt or not; allowed: a model of as many pixels as the images"
        )
    right = is_among(answers[codes], masks[codes])
    counts = np.zeros((len(answers).bit_length(), len(KINDS), 2), dtype=np.int64)
    _count(answers, distances, indices, masks, right, learnt, counts)
    return counts


@compiled
def _count(answers, distances, indices, masks, right, learnt, counts):
    for code in range(len(answers)):
        mask, answer, image = masks[code], answers[code], indices[code]
        several = 1 if mask & (mask - np.uint16(1)) else 0
        if distances[code] == 0 and learnt[image]:
            kind = _TRAINED
        elif answer < 0:
            kind = _NONE
        elif (mask >> np.uint16(answer)) & 1:
            kind = _GENERALISED
        elif right[image]:
            kind = _ADVERSARIAL
        else:
            kind = _ERROR
        counts[distances[code], kind, several] += 1


def kind_map(
    answers: Int8[np.ndarray, " all"],
    nearest: Nearest,
    codes: Int64[np.ndarray, " M"],
    learnt: Bool[np.ndarray, " M"],
) -> Int8[np.ndarray, " all"]:
    """The kind of every pattern, as places in `KINDS`, for pictures of small spaces; arguments as of `count_shells`."""
    _, indices, masks = nearest
    right = is_among(answers[codes], masks[codes])
    kinds = kinds_of(answers, masks, right[indices]).astype(np.int8)
    kinds[codes[learnt]] = _TRAINED
    return kinds
