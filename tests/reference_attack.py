"""An attack that is no part of the library, as a bar for it: exact greedy flips for each wrong class, then exchanges.

Plain NumPy. It sees a model as one function, the scores of patterns, and asks for every single further flip; so it
needs tens of thousands of queries for each image. At each number of flips the best mask is also improved by exchanges:
the flip whose return raises the margin least goes, and the best of all others comes, as long as the margin falls.
"""

import numpy as np


def fewest_flips(scores, image, label, *, most, classes=3, exchanges=3):
    """Smallest number of flips, at most ``most``, that this attack finds to mislead a model on one image; ``most`` + 1
    where it finds none.

    Args:
        scores: patterns (B, N) to class scores (B, C).
        classes: towards so many wrong classes, those of the largest scores first.
        exchanges: at most so many at each number of flips.
    """
    clean = scores(image[None])[0].astype(np.float64)
    clean[label] = -np.inf
    best = most + 1
    for target in clean.argsort(kind="stable")[::-1][:classes]:
        if np.isfinite(clean[target]):
            best = min(best, _towards(scores, image, label, target, best - 1, exchanges))
    return best


def _towards(scores, image, label, target, most, exchanges):
    pattern, flipped = image.copy(), []
    for count in range(1, most + 1):
        margins, misled = _neighbours(scores, pattern, label, target)
        misled[flipped] = False
        if misled.any():
            return count
        margins[flipped] = np.inf
        place = int(margins.argmin())
        pattern[place] *= -1
        flipped.append(place)
        margin = margins[place]
        for _ in range(exchanges):
            back = pattern[None].repeat(len(flipped), axis=0)
            back[np.arange(len(flipped)), flipped] *= -1
            after = _margins(scores(back), label, target)[0]
            leaving = flipped[int(after.argmin())]
            trial = pattern.copy()
            trial[leaving] *= -1
            margins, misled = _neighbours(scores, trial, label, target)
            kept = [place for place in flipped if place != leaving]
            misled[kept] = False
            margins[kept] = np.inf
            if misled.any():
                return count
            place = int(margins.argmin())
            if margins[place] >= margin:
                break
            pattern, flipped, margin = trial, [*kept, place], margins[place]
            pattern[place] *= -1
    return most + 1


def _neighbours(scores, pattern, label, target):
    every = pattern[None].repeat(len(pattern), axis=0)
    np.fill_diagonal(every, -pattern)
    return _margins(scores(every), label, target)


def _margins(found, label, target):
    """Score of the label less that of the target, and whether another class has the largest score."""
    found = found.astype(np.float64)
    right = found[:, label].copy()
    margin = right - found[:, target]
    found[:, label] = -np.inf
    return margin, found.max(axis=1) > right
