"""Adaptive multilevel splitting: probabilities far too small for sampling, of patterns at a given distance being
answered otherwise.

Source: Webb, Rainforth, Teh and Kumar, "A Statistical Approach to Assessing Neural Network Robustness" (2019), for
shells of binary patterns instead of balls. A score is above 0 where the event happens. Particles start uniform on the
shell; again and again the best share of them fixes a level, the others are replaced by copies of these, and all move by
exchanges of flipped pixels that keep the score at the level. The probability is the product of the shares. It is
consistent as particles grow and has no guarantee for few of them: intervals are *asymptotic*, from independent runs.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from weightspace.estimates import CONFIDENCE

_KEPT = 0.5  # share of the particles that fixes the next level
_MOST_LEVELS = 2000


@dataclass(frozen=True)
class Tail:
    """The natural logarithm of a probability with its interval; ``reached`` says in how many of ``runs`` the event was
    reached.
    """

    log: float
    low: float
    high: float
    runs: int
    reached: int


@dataclass
class Particles:
    """Patterns (n, N), each on the shell of the centre ``which`` (n,); ``order`` (n, N) lists its pixels, those that
    differ from the centre first.
    """

    which: np.ndarray
    order: np.ndarray
    patterns: np.ndarray

    def take(self, rows):
        return Particles(self.which[rows], self.order[rows], self.patterns[rows])


class Shell:
    """Patterns at one distance from each particle's own centre, to be drawn and moved.

    Args: centres (C, N) int8 of ±1, of which each particle draws one; distance (bits), 1 to N - 1.
    """

    def __init__(self, centres, distance):
        if not 1 <= distance < centres.shape[1]:
            raise ValueError(f"the distance must lie between 1 and {centres.shape[1] - 1}, found {distance}")
        self._centres, self._distance = centres, distance
        # Below the share of a single pattern there is nothing to be found; a factor e for the noise of the levels.
        self.log_least = -np.log(len(centres)) - math.log(math.comb(centres.shape[1], distance)) - 1

    def draw(self, count, *, generator):
        """`Particles`, uniform on the shells of centres drawn at random."""
        which = generator.integers(0, len(self._centres), count)
        order = generator.random((count, self._centres.shape[1]), dtype=np.float32).argsort(axis=1).astype(np.int16)
        patterns = self._centres[which]
        _flip(patterns, order[:, : self._distance])
        return Particles(which, order, patterns)

    def move(self, particles, *, generator):
        """`Particles` after some exchanges of pixels that differ for as many that do not, a symmetric proposal.

        The exchanged pixels are stretches of the two lists, each from a place drawn for each particle. The lists are in
        random order to begin with, and every exchange mixes them.
        """
        count, size = particles.patterns.shape
        inside, outside = self._distance, size - self._distance
        exchanges = 2 ** int(generator.integers(0, min(inside, outside).bit_length()))
        stretch, rows = np.arange(exchanges), np.arange(count)[:, None]
        here = (generator.integers(0, inside, (count, 1)) + stretch) % inside
        there = inside + (generator.integers(0, outside, (count, 1)) + stretch) % outside
        moved = Particles(particles.which, particles.order.copy(), particles.patterns.copy())
        leaving, entering = particles.order[rows, here], particles.order[rows, there]
        moved.order[rows, here], moved.order[rows, there] = entering, leaving
        _flip(moved.patterns, np.concatenate([leaving, entering], axis=1))
        return moved


def _flip(patterns, pixels):
    rows = np.arange(len(patterns))[:, None]
    patterns[rows, pixels] = -patterns[rows, pixels]


def run(shell, score, *, particles, steps, generator):
    """One run: the natural logarithm of the probability that the score is above 0, and whether such a pattern was
    reached.

    Where none was, the logarithm is that of the last level's, an upper estimate. It is given up where not one pattern
    would be left.
    """
    state = shell.draw(particles, generator=generator)
    scores, level, log = score(state.which, state.patterns), -np.inf, 0.0
    for _ in range(_MOST_LEVELS):
        hits = int((scores > 0).sum())
        if hits >= _KEPT * particles:
            return log + np.log(hits / particles), True
        if log < shell.log_least:
            return log, False
        level = _next_level(scores, level)
        if level is None:  # no score between the old level and 0
            return log + np.log(max(hits, 1) / particles), hits > 0
        kept = np.flatnonzero(scores >= level)
        log += np.log(len(kept) / particles)
        copied = np.concatenate([kept, generator.choice(kept, particles - len(kept))])
        state, scores = state.take(copied), scores[copied]
        for _ in range(steps):
            proposed = shell.move(state, generator=generator)
            found = score(proposed.which, proposed.patterns)
            accepted = found >= level
            state.order[accepted], state.patterns[accepted], scores[accepted] = (
                proposed.order[accepted],
                proposed.patterns[accepted],
                found[accepted],
            )
    return log, False


def _next_level(scores, level):
    """The score that the best half has at least; the next one above the old level where many are equal; None where
    there is none below 0.
    """
    wanted = np.quantile(scores, 1 - _KEPT, method="higher")
    if wanted <= level:
        above = scores[scores > level]
        if not len(above):
            return None
        wanted = above.min()
    return wanted if wanted <= 0 else None


def tail(shell, score, *, particles, steps, runs, generator):
    """The probability from several independent runs, a `Tail`.

    The estimate is the logarithm of the runs' mean. The interval is Student's for the mean of their logarithms; its
    upper limit is raised by half their variance, which is what lies between the two for a log-normal spread.
    """
    results = [run(shell, score, particles=particles, steps=steps, generator=generator) for _ in range(runs)]
    logs, reached = np.array([log for log, _ in results]), sum(hit for _, hit in results)
    mean = special.logsumexp(logs) - np.log(runs)
    if reached < runs:
        return Tail(float(mean) if reached else -np.inf, -np.inf, float(logs.max()), runs, reached)
    half = special.stdtrit(runs - 1, (1 + CONFIDENCE) / 2) * logs.std(ddof=1) / np.sqrt(runs)
    low, high = logs.mean() - half, logs.mean() + logs.var(ddof=1) / 2 + half
    return Tail(float(mean), float(min(mean, low)), float(min(0.0, max(mean, high))), runs, reached)


def margin_score(classifier, masks):
    """A score of networks: the best logit of a wrong class less the best of a right one, for centres whose labels are
    ``masks`` (C,).
    """

    def score(which, patterns):
        logits = classifier.logits(patterns)
        right = (masks[which][:, None] >> np.arange(logits.shape[1], dtype=np.uint16)) & 1 == 1
        return np.where(right, -np.inf, logits).max(axis=1) - np.where(right, logits, -np.inf).max(axis=1)

    return score
