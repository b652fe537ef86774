"""Attacks on binary patterns: the budget is a number of flipped bits, the norm l0, and every success is one of the
model itself.

A model is a function ``predict(patterns) -> labels``, patterns (B, N) int8 of ±1; an attack that needs more says so:
gradients of a margin, or scores. What is found is a mask of flipped bits, pruned of the flips that are not needed.
Numpy only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int, Int8, Int16, Int64

Patterns = Int8[np.ndarray, "B N"]
Labels = Int[np.ndarray, " B"]
Mask = Bool[np.ndarray, "B N"]
Predict = Callable[[Patterns], Labels]
NOT_FOUND = -1  # no misclassified pattern met
NOT_ATTACKED = -2  # the image was not among those of this attack
# Neighbours of images that are classified at once.
_BATCH = 20_000
# Up to so many largest numbers are found sooner one after the other than by a partition.
_ONE_BY_ONE = 8


@dataclass(frozen=True)
class Flipped:
    """What an attack found: ``flips`` (B,) int16, 0 where the clean image is misclassified, -1 where nothing was found;
    ``mask`` (B, N) bool.

    ``fixed`` (K, B, N) bool, of attacks that are to be transferred, are the flips at each of K budgets, without a stop
    at the first success.
    """

    flips: Int16[np.ndarray, " B"]
    mask: Mask
    fixed: Bool[np.ndarray, "K B N"] | None = None


def flip(images: Patterns, mask: Bool[np.ndarray, "*K B N"]) -> Int8[np.ndarray, "*K B N"]:
    """Images with the bits of ``mask`` flipped; of several masks one after the other."""
    return np.where(mask, -images, images)


def smallest(found: Sequence[Flipped]) -> Flipped:
    """For each image the attack of fewest flips among `Flipped`, the first of equals; ``fixed`` is that attack's as
    well.
    """
    counts = np.stack([np.where(one.flips == NOT_FOUND, np.iinfo(np.int16).max, one.flips) for one in found])
    best, rows = counts.argmin(axis=0), np.arange(counts.shape[1])
    at_budgets = [one.fixed for one in found if one.fixed is not None]
    fixed = np.stack(at_budgets)[best, :, rows].swapaxes(0, 1) if at_budgets else None
    return Flipped(
        np.stack([one.flips for one in found])[best, rows], np.stack([one.mask for one in found])[best, rows], fixed
    )


def within(found: Flipped, most: int) -> Flipped:
    """What was found with at most so many flips; the rest counts as not found."""
    kept = found.flips <= most
    return Flipped(np.where(kept, found.flips, NOT_FOUND).astype(np.int16), found.mask & kept[:, None], found.fixed)


def attack_right_ones(
    attack: Callable[[Patterns, Labels], Flipped], predict: Predict, images: Patterns, labels: Labels
) -> Flipped:
    """Run ``attack(images, labels) -> Flipped`` on the images that are classified rightly; the others need no flip."""
    right = np.flatnonzero(predict(images) == labels)
    flips, mask = np.zeros(len(images), dtype=np.int16), np.zeros(images.shape, dtype=np.bool_)
    if not len(right):
        return Flipped(flips, mask)
    found = attack(images[right], labels[right])
    flips[right], mask[right] = found.flips, found.mask
    if found.fixed is None:
        return Flipped(flips, mask)
    fixed = np.zeros((len(found.fixed), *images.shape), dtype=np.bool_)
    fixed[:, right] = found.fixed
    return Flipped(flips, mask, fixed)


def prune(predict: Predict, images: Patterns, labels: Labels, mask: Mask, *, generator: np.random.Generator) -> Flipped:
    """Take back, one after the other in random order, the flips of misclassified images without which the model still
    errs.

    Goes on until none of an image's flips can be taken back by itself.
    """
    mask, rows = mask.copy(), np.arange(len(mask))
    while len(rows):
        before = mask[rows].sum(axis=1)
        _take_back(predict, images, labels, mask, rows, generator)
        after = mask[rows].sum(axis=1)
        rows = rows[(after < before) & (after > 1)]
    return Flipped(mask.sum(axis=1).astype(np.int16), mask)


def _take_back(predict, images, labels, mask, rows, generator):
    """One pass of `prune` over the images ``rows``, in place."""
    order = np.where(mask[rows], generator.random((len(rows), mask.shape[1])), 2).argsort(axis=1, kind="stable")
    counts = mask[rows].sum(axis=1)
    for place in range(int(counts.max(initial=0))):
        turn = (place < counts) & (mask[rows].sum(axis=1) > 1)
        some, bits = rows[turn], order[turn, place]
        if not len(some):
            continue
        trial = mask[some]
        trial[np.arange(len(some)), bits] = False
        erring = predict(flip(images[some], trial)) != labels[some]
        mask[some[erring]] = trial[erring]


def random_flips(
    images: Patterns, budgets: Sequence[int], *, generator: np.random.Generator
) -> Bool[np.ndarray, "K B N"]:
    """Noise of equal size: the first k bits of a random order, for each budget k, so that larger budgets hold the
    smaller ones.
    """
    ranks = generator.random(images.shape).argsort(axis=1).argsort(axis=1)
    return np.stack([ranks < budget for budget in budgets])


def single_flips(
    predict: Predict, neighbours: Callable[[Patterns], Int[np.ndarray, "B N"]], images: Patterns, labels: Labels
) -> Flipped:
    """Every flip of one bit of every image, exhaustively: the first that misleads; each is asked for again, as the
    model is.

    Args: neighbours, the labels of the N single flips of each.
    """
    size = images.shape[1]
    mask = np.zeros(images.shape, dtype=np.bool_)
    step = max(1, _BATCH // size)
    for start in range(0, len(images), step):
        part = slice(start, start + step)
        wrong = neighbours(images[part]) != labels[part, None]
        rows = np.flatnonzero(wrong.any(axis=1))
        mask[start + rows, wrong[rows].argmax(axis=1)] = True
    misled = predict(flip(images, mask)) != labels
    return Flipped(np.where(misled, 1, NOT_FOUND).astype(np.int16), mask & misled[:, None])


def greedy_flips(
    predict: Predict,
    gradient: Callable[[Patterns, Labels], Float[np.ndarray, "B N"]],
    images: Patterns,
    labels: Labels,
    *,
    budgets: Sequence[int],
    growth: float,
    lookahead: int,
    generator: np.random.Generator,
) -> Flipped:
    """Flip, step after step, the bits that lower the margin most by its gradient, up to the largest budget; then prune.

    A step flips one bit, and ``growth`` times the number of bits flipped so far where that is more; none whose flip
    would raise the margin, and none twice. It goes on after a success, for ``fixed``.

    Args:
        gradient: of the margin of the right class.
        budgets: numbers of flips, ascending.
        lookahead: in each step, the real model is also asked for each of so many best next bits by itself.

    Returns:
        What was found, with ``fixed`` at each budget.
    """
    mask, fixed = np.zeros(images.shape, dtype=np.bool_), []
    first, found = np.zeros(images.shape, dtype=np.bool_), np.zeros(len(images), dtype=np.bool_)
    done, rows = 0, np.arange(len(images))[:, None]
    for budget in budgets:
        while done < budget:
            now = flip(images, mask)
            gain = np.where(mask, -np.inf, now * gradient(now, labels))  # half of what a flip takes from the margin
            step = min(max(1, int(growth * done)), budget - done)
            best = largest_places(gain, max(step, lookahead))
            useful = np.take_along_axis(gain, best, axis=1) > 0
            _look_ahead(predict, images, labels, mask, best[:, :lookahead] if lookahead else best[:, :0], first, found)
            mask[rows, best[:, :step]] |= useful[:, :step]
            done += step
            new = np.flatnonzero(~found)
            new = new[predict(flip(images[new], mask[new])) != labels[new]] if len(new) else new
            first[new], found[new] = mask[new], True
        fixed.append(mask.copy())
    return _pruned(predict, images, labels, first, found, np.stack(fixed), generator)


def largest_places(gain: Float[np.ndarray, "B N"], count: int) -> Int64[np.ndarray, "B places"]:
    """Places (B, count) of the largest gains, the largest first."""
    count = min(count, gain.shape[1])
    if count <= _ONE_BY_ONE:
        rest, places = gain.copy(), np.empty((len(gain), count), dtype=np.int64)
        for number in range(count):
            places[:, number] = rest.argmax(axis=1)
            np.put_along_axis(rest, places[:, number, None], -np.inf, axis=1)
        return places
    places = np.argpartition(gain, -count, axis=1)[:, -count:]
    order = np.take_along_axis(gain, places, axis=1).argsort(axis=1, kind="stable")[:, ::-1]
    return np.take_along_axis(places, order, axis=1)


def _look_ahead(predict, images, labels, mask, candidates, first, found):
    """Note for each image without a success the first candidate (B, L) that, flipped by itself on top of ``mask``,
    misleads the model.
    """
    rows = np.flatnonzero(~found)
    count = candidates.shape[1]
    if not len(rows) or not count:
        return
    trial = np.repeat(mask[rows], count, axis=0)
    trial[np.arange(len(trial)), candidates[rows].ravel()] = True
    wrong = predict(flip(np.repeat(images[rows], count, axis=0), trial)) != np.repeat(labels[rows], count)
    wrong = wrong.reshape(len(rows), count)
    hit = np.flatnonzero(wrong.any(axis=1))
    first[rows[hit]] = trial.reshape(len(rows), count, -1)[hit, wrong[hit].argmax(axis=1)]
    found[rows[hit]] = True


def _pruned(predict, images, labels, mask, found, fixed, generator):
    flips, best = np.full(len(images), NOT_FOUND, dtype=np.int16), np.zeros(images.shape, dtype=np.bool_)
    rows = np.flatnonzero(found)
    if len(rows):
        pruned = prune(predict, images[rows], labels[rows], mask[rows], generator=generator)
        flips[rows], best[rows] = pruned.flips, pruned.mask
    return Flipped(flips, best, fixed)


def score_search(
    predict: Predict,
    scores: Callable[[Patterns], Float[np.ndarray, "B C"]],
    images: Patterns,
    labels: Labels,
    *,
    budgets: Sequence[int],
    queries: int,
    generator: np.random.Generator,
) -> Flipped:
    """Random search by scores: of k flipped bits some are exchanged at random, and the exchange stays where the margin
    does not rise.

    Source: Sparse-RS of Croce et al. (2022), whose share of exchanged bits falls from 0.8 to one bit, here as the
    square of what is left of the queries. For each budget anew; successes are pruned, and the smallest counts.

    Args: scores, larger for the likelier class.
    """
    return smallest([_search(predict, scores, images, labels, budget, queries, generator) for budget in budgets])


def _search(predict, scores, images, labels, budget, queries, generator):
    mask = random_flips(images, [budget], generator=generator)[0]
    margin = margins(scores(flip(images, mask)), labels)
    free = images.shape[1] - budget  # bits that are not flipped; where there are none, none can be exchanged
    for query in range(queries if free > 0 else 0):
        rows = np.flatnonzero(margin >= 0)
        if not len(rows):
            break
        moved = min(max(1, round(0.8 * budget * (1 - query / queries) ** 2)), free)
        draws = generator.random((len(rows), images.shape[1]))
        trial = mask[rows]
        leaving, entering = smallest_places(draws, trial, moved), smallest_places(draws, ~trial, moved)
        np.put_along_axis(trial, leaving, False, axis=1)
        np.put_along_axis(trial, entering, True, axis=1)
        after = margins(scores(flip(images[rows], trial)), labels[rows])
        better = after <= margin[rows]
        mask[rows[better]], margin[rows[better]] = trial[better], after[better]
    found = predict(flip(images, mask)) != labels
    return _pruned(predict, images, labels, mask, found, None, generator)


def smallest_places(draws: Float64[np.ndarray, "B N"], allowed: Mask, count: int) -> Int64[np.ndarray, "B {count}"]:
    """Places, in no order, of the smallest draws in 0 ... 1 among the ``allowed``; where fewer are,
    others make up the number.
    """
    draws = np.where(allowed, draws, 2)
    # A whole sort would take most of a search's time.
    return draws.argpartition(count - 1, axis=1)[:, :count] if count > 1 else draws.argmin(axis=1)[:, None]


def margins(scores: Float[np.ndarray, "B C"], labels: Labels) -> Float64[np.ndarray, " B"]:
    """Score of the right class less the largest other.

    Raises:
        ValueError: a label has no score.
    """
    if len(labels) and labels.max() >= scores.shape[1]:
        raise ValueError(f"scores are those of {scores.shape[1]} classes, but the label {labels.max()} is answered")
    rows = np.arange(len(labels))
    others = scores.astype(np.float64)
    right = others[rows, labels].copy()
    others[rows, labels] = -np.inf
    return right - others.max(axis=1)
