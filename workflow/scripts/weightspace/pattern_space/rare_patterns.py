"""Patterns at a given distance from an image that a network answers otherwise, where they are far too rare for
sampling: a space for `splitting`.

Particles start uniform on the shell and move by exchanges of flipped pixels for others, as in Webb, Rainforth, Teh and
Kumar, "A Statistical Approach to Assessing Neural Network Robustness" (2019), on shells of binary patterns instead of
balls.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int, Int8, UInt16

from weightspace.classifier import Classifier
from weightspace.splitting import LogShare, Score, State, share_without_errors

# A score of patterns around the centres of the numbers ``which``, above 0 where the event happens.
Margin = Callable[[Int[np.ndarray, "n"], Int8[np.ndarray, "n N"]], Float[np.ndarray, "n"]]


class Shell:
    """Patterns at one distance from each particle's own centre; the one error is that the event has not happened.

    A particle has a centre ``which``, its pixels in an ``order`` that lists those that differ from the centre first,
    and its ``patterns``.

    Args:
        centres: ±1; each particle draws one.
        distance: bits, 1 to N - 1.
    """

    blocks = 1

    def __init__(self, centres: Int8[np.ndarray, "C N"], distance: int, margin: Margin) -> None:
        if not 1 <= distance < centres.shape[1]:
            raise ValueError(f"the distance must lie between 1 and {centres.shape[1] - 1}, found {distance}")
        self._centres, self._distance, self._margin = centres, distance, margin
        # Below the share of a single pattern there is nothing to be found; a factor e for the noise of the levels.
        self.log_least = -math.log(len(centres)) - math.log(math.comb(centres.shape[1], distance)) - 1

    def draw(self, count: int, generator: np.random.Generator) -> State:
        """Particles, uniform on the shells of centres drawn at random."""
        which = generator.integers(0, len(self._centres), count)
        order = generator.random((count, self._centres.shape[1]), dtype=np.float32).argsort(axis=1).astype(np.int16)
        patterns = self._centres[which]
        _flip(patterns, order[:, : self._distance])
        return {"which": which, "order": order, "patterns": patterns}

    def propose(self, state: State, block: int, step: float, generator: np.random.Generator) -> State:
        """Exchanges of pixels that differ for as many that do not, a symmetric proposal, of all sizes whatever the
        step.

        The exchanged pixels are stretches of the two lists, each from a place drawn for each particle. The lists are in
        random order to begin with, and every exchange mixes them.
        """
        order, patterns = state["order"].copy(), state["patterns"].copy()
        count, size = patterns.shape
        inside, outside = self._distance, size - self._distance
        exchanges = 2 ** int(generator.integers(0, min(inside, outside).bit_length()))
        stretch, rows = np.arange(exchanges), np.arange(count)[:, None]
        here = (generator.integers(0, inside, (count, 1)) + stretch) % inside
        there = inside + (generator.integers(0, outside, (count, 1)) + stretch) % outside
        leaving, entering = order[rows, here], order[rows, there]
        order[rows, here], order[rows, there] = entering, leaving
        _flip(patterns, np.concatenate([leaving, entering], axis=1))
        return {"order": order, "patterns": patterns}

    def score(self, state: State) -> Score:
        """No error where the margin is above 0; how far it is below is the violation."""
        margin = self._margin(state["which"], state["patterns"])
        return (margin <= 0).astype(np.int64), np.maximum(-margin, 0)

    def share(self, *, particles: int, steps: int, runs: int, generator: np.random.Generator) -> LogShare:
        """Share of the shell's patterns with which the event happens, by splitting with ``steps`` moves a level."""
        settings = {"largest": 1, "particles": particles, "sweeps": steps, "least": self.log_least}
        return share_without_errors(self, **settings, runs=runs, generator=generator)


def _flip(patterns: Int8[np.ndarray, "n N"], pixels: Int[np.ndarray, "n k"]) -> None:
    rows = np.arange(len(patterns))[:, None]
    patterns[rows, pixels] = -patterns[rows, pixels]


def wrong_margin(classifier: Classifier, masks: UInt16[np.ndarray, "C"]) -> Margin:
    """By how much the best score of a wrong class exceeds the best of a right one, for centres whose labels are
    ``masks``.
    """
    score = classifier.scores
    assert score is not None, "a classifier of labels only has no margin"

    def margin(which: Int[np.ndarray, "n"], patterns: Int8[np.ndarray, "n N"]) -> Float[np.ndarray, "n"]:
        scores = score(patterns)
        right = (masks[which][:, None] >> np.arange(scores.shape[1], dtype=np.uint16)) & 1 == 1
        return np.where(right, -np.inf, scores).max(axis=1) - np.where(right, scores, -np.inf).max(axis=1)

    return margin
