"""Hard-label attack on binary patterns: only the model's answers are asked for, no score and no gradient.

It starts from images that the model takes for something else and walks towards the clean one, as the boundary attack
(Brendel et al. 2018) and the pointwise attack (Schott et al. 2019) do, but by whole blocks of bits: a block of
differing bits is set back where the model still errs, with blocks halved down to single bits. Then a walk exchanges
several flips for fewer others.
"""

import numpy as np
from jaxtyping import Int8

from weightspace.attacks.flips import (
    NOT_FOUND,
    Flipped,
    Labels,
    Patterns,
    Predict,
    flip,
    prune,
    smallest,
    smallest_places,
)


def label_search(
    predict: Predict,
    images: Patterns,
    labels: Labels,
    pool: Int8[np.ndarray, "Q N"],
    *,
    starts: int,
    walk: int,
    generator: np.random.Generator,
) -> Flipped:
    """Search from several starts for each image.

    Args:
        pool: images from which starts are chosen: for each attacked one the nearest that the model takes
            for another class.
        starts: number of starts.
        walk: number of exchanges tried after the blocks.

    Returns:
        What was found; nothing only where the model gives each image of the pool the attacked one's label.
    """
    answers = predict(pool)
    distances = (images.shape[1] - images.astype(np.float32) @ pool.T.astype(np.float32)) / 2  # (B, Q) bits
    distances[answers[None] == labels[:, None]] = np.inf
    nearest = distances.argsort(axis=1, kind="stable")[:, :starts]
    found = []
    for column in nearest.T:
        usable = np.flatnonzero(np.isfinite(distances[np.arange(len(images)), column]))
        flips, mask = np.full(len(images), NOT_FOUND, dtype=np.int16), np.zeros(images.shape, dtype=np.bool_)
        if len(usable):
            one = _approach(predict, images[usable], labels[usable], pool[column[usable]], walk, generator)
            flips[usable], mask[usable] = one.flips, one.mask
        found.append(Flipped(flips, mask))
    return smallest(found)


def _approach(predict, images, labels, starts, walk, generator):
    differing = images != starts
    mask = differing.copy()
    size = int(mask.sum(axis=1).max()) // 2
    while size >= 1:
        mask = _set_back_blocks(predict, images, labels, mask, size, generator)
        size //= 2
    for _ in range(walk):
        mask = _exchange(predict, images, labels, mask, differing & ~mask, generator)
    return prune(predict, images, labels, mask, generator=generator)


def _set_back_blocks(predict, images, labels, mask, size, generator):
    """Divide each image's flips into random blocks, and set each block back where the model still errs without it."""
    order = np.where(mask, generator.random(mask.shape), 2).argsort(axis=1, kind="stable")
    counts = mask.sum(axis=1)
    for start in range(0, int(counts.max()), size):
        rows = np.flatnonzero(start < counts)
        block = order[rows, start : start + size]
        trial = mask[rows]
        np.put_along_axis(trial, block, False, axis=1)
        # A block beyond an image's last flip holds bits that are not flipped, which setting back leaves as they are.
        erring = predict(flip(images[rows], trial)) != labels[rows]
        mask[rows[erring]] = trial[erring]
    return mask


def _exchange(predict, images, labels, mask, others, generator):
    """Take two to four flips back and make one to three of the ``others`` instead, at random, where the model still
    errs.
    """
    fewer = int(generator.integers(1, 4))
    rows = np.flatnonzero(mask.sum(axis=1) > fewer + 1)
    if not len(rows):
        return mask
    draws, trial = generator.random((len(rows), mask.shape[1])), mask[rows]
    leaving, entering = smallest_places(draws, trial, fewer + 1), smallest_places(draws, others[rows], fewer)
    np.put_along_axis(trial, leaving, False, axis=1)
    np.put_along_axis(trial, entering, True, axis=1)
    better = (predict(flip(images[rows], trial)) != labels[rows]) & (trial.sum(axis=1) < mask[rows].sum(axis=1))
    mask[rows[better]] = trial[better]
    return mask
