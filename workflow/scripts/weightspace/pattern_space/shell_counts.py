"""What the patterns of each shell around whole images are to a model: all images themselves, and patterns drawn from
the shells farther out.
"""

import numpy as np
import pandas as pd

from weightspace.data.patterns import unpack
from weightspace.memories.memory import READOUTS, AssociativeMemory
from weightspace.pattern_space.enumeration import ANSWER
from weightspace.pattern_space.partition import kinds_of
from weightspace.pattern_space.pattern_parts import EXACT, KINDS, SAMPLED

_BATCH = 10_000
_TRAINED = KINDS.index("P_t")


def answers_of(classifier, packed, size):
    """Labels (B,) by read-out, of packed patterns of ``size`` bits, some thousands at a time; a memory recalls once for
    both read-outs.
    """
    parts = [
        _answer(classifier, unpack(packed[start : start + _BATCH], size)) for start in range(0, len(packed), _BATCH)
    ]
    return {readout: np.concatenate([part[readout] for part in parts]) for readout in parts[0]}


def _answer(classifier, patterns):
    if isinstance(classifier, AssociativeMemory):
        recalled = classifier.recall(patterns)
        return {readout: classifier.read(recalled, readout) for readout in READOUTS}
    return {ANSWER: classifier.predict(patterns)}


def count_kinds(images, sample, learnt, image_answers, sample_answers):
    """Count kinds by shell from the answers of one read-out.

    Args: images, `labelled_images.LabelledImages`; sample, `shells.ShellSample`; learnt (M,), T; image_answers (M,),
    sample_answers (B,).

    Returns: rows distance, kind, labels, hits, n (patterns drawn; of shell 0 all there are) and guarantee.
    """
    right = images.bears(image_answers)
    here = np.where(learnt, _TRAINED, kinds_of(image_answers, images.masks, False))
    rows = _rows(0, here, images.masks, n=len(here), guarantee=EXACT)
    kinds = kinds_of(sample_answers, sample.masks, right[sample.image])
    for distance in sample.distances:
        inside = sample.distance == distance
        rows += _rows(int(distance), kinds[inside], sample.masks[inside], n=sample.draws, guarantee=SAMPLED)
    return pd.DataFrame(rows)


def _rows(distance, kinds, masks, *, n, guarantee):
    counts = np.zeros((len(KINDS), 2), dtype=np.int64)
    np.add.at(counts, (kinds, (np.bitwise_count(masks) > 1).astype(int)), 1)
    return rows_of(distance, counts, n=n, guarantee=guarantee)


def rows_of(distance, counts, *, n, guarantee):
    """Rows of `count_kinds` from counts (kinds, 2), the last axis for one nearest label or several; T has no pattern
    but in shell 0.
    """
    head = {"distance": distance, "n": n, "guarantee": guarantee}
    return [
        {**head, "kind": kind, "labels": labels, "hits": int(counts[place, several])}
        for place, kind in enumerate(KINDS)
        if distance == 0 or place != _TRAINED
        for several, labels in enumerate(("one", "several"))
    ]


def estimate(classifier, images, sample):
    """Rows of `count_kinds` with the column readout, for every read-out of a classifier; and its answers to the images,
    by read-out.
    """
    at_images, at_sample = (answers_of(classifier, packed, images.size) for packed in (images.packed, sample.packed))
    learnt = images.learnt_by(classifier)
    parts = [
        count_kinds(images, sample, learnt, at_images[readout], at_sample[readout]).assign(readout=readout)
        for readout in at_images
    ]
    shells = pd.concat(parts, ignore_index=True)
    # A largest logit there always is, so that no answer is not rare but impossible.
    return (shells[shells.kind != "P_none"] if hasattr(classifier, "logits") else shells), at_images
