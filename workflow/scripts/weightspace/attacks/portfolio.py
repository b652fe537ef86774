"""One attack on binary patterns for every model: a search for the fewest flips, with the same number of queries for all.

A query is one pattern answered by the attacked model; a gradient, of the model or of what stands in for it, counts as
two. The search is *anytime*: what it found after so many queries does not depend on how many follow, so one run says
how error grows with queries and whether it has converged.

It joins what is known to work: exact greedy flips per wrong class, chosen by the
model's own score after each single further flip and not by its gradient, which only says which flips to try; exchanges
of flips at a fixed number; moves towards the nearest images of other classes; random restarts; pruning of every
success. Sources: Croce et al. 2022 (Sparse-RS) for exchanges, Schott et al. 2019 (pointwise) for the moves and the
pruning, Athalye et al. 2018 for asking the real model and not its stand-in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, Int8

from weightspace.attacks.flips import NOT_FOUND, flip

Scores = Callable[[np.ndarray], np.ndarray]
# (patterns (B, N), labels (B,), classes (B,)) -> gradient (B, N) of the score of the label less that of the class
ClassGradient = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_GRADIENT = 2  # queries that a gradient counts as
_PATIENCE = 2  # moves without a smaller margin before a restart


@dataclass(frozen=True)
class Attacked:
    """A model as the portfolio sees it.

    ``predict(patterns) -> (B,)`` and ``scores(patterns) -> (B, C)`` are the model's own, None where it has no scores;
    ``gradients`` are of the model itself or of its stand-ins, any number of them.
    """

    predict: Callable[[np.ndarray], np.ndarray]
    scores: Scores | None
    gradients: Sequence[ClassGradient]
    classes: int


@dataclass(frozen=True)
class Trace:
    """What was found after each of Q numbers of ``queries``, image by image.

    ``flips`` (Q, B) int16: the fewest flips that mislead, 0 where the clean image is misclassified, -1 where none were
    found; ``mask`` (B, N): those of the last; ``spent`` (B,): queries asked.
    """

    queries: np.ndarray
    flips: Int[np.ndarray, "Q B"]
    mask: Bool[np.ndarray, "B N"]
    spent: Int[np.ndarray, " B"]


def search(
    model: Attacked,
    images: Int8[np.ndarray, "B N"],
    labels: Int[np.ndarray, " B"],
    pool: Int8[np.ndarray, "P N"],
    *,
    queries: Sequence[int],
    largest: int,
    candidates: int = 8,
    generator: np.random.Generator,
) -> Trace:
    """Search for the fewest flips, at most ``largest``, that mislead the model on each image.

    Args:
        pool: images that anyone has, of which the nearest of other classes show the way.
        queries: numbers, ascending, after which is noted what was found; the last ends the search.
        candidates: flips tried on the model in each move.
    """
    state = _Search(model, images, labels, pool, largest=largest, candidates=candidates, generator=generator)
    noted = []
    for most in queries:
        while state.move(most):
            pass
        noted.append(state.best.copy())
    return Trace(np.array(queries), np.stack(noted), state.mask, state.spent)


class _Search:
    """The state of all images' searches; each `move` costs every image that is still searched its queries."""

    def __init__(self, model, images, labels, pool, *, largest, candidates, generator):
        self.model, self.images, self.labels, self.pool = model, images, np.asarray(labels, dtype=np.int64), pool
        self.largest, self.candidates, self.generator = min(largest, images.shape[1]), candidates, generator
        count = len(images)
        self.spent = np.ones(count, dtype=np.int64)  # the clean image is asked for once
        clean = model.predict(images)
        self.best = np.where(clean != self.labels, 0, NOT_FOUND).astype(np.int16)
        self.mask = np.zeros(images.shape, dtype=np.bool_)
        self.work = np.zeros(images.shape, dtype=np.bool_)
        self.margin = np.full(count, np.inf)
        self.stale = np.zeros(count, dtype=np.int64)
        self.starts = np.zeros(count, dtype=np.int64)  # restarts so far
        self.target = np.zeros(count, dtype=np.int64)
        self.order = self._rank_classes()
        self.guides = _guides(images, self.labels, pool, model.predict(pool))
        self._restart(np.flatnonzero(self.best != 0))

    # --- moves

    def move(self, most: int) -> bool:
        """Let every image whose queries allow it try `candidates` flips; whether any did."""
        cost = _GRADIENT + self.candidates + 2
        rows = np.flatnonzero((self.best != 0) & (self.best != 1) & (self.spent + cost <= most))
        if not len(rows):
            return False
        full = self.work[rows].sum(axis=1) >= self._allowed(rows)
        trials = self._trials(rows, full)
        margins = self._margins(rows, trials)
        first = margins.argmin(axis=1)
        chosen, margin = trials[np.arange(len(rows)), first], margins[np.arange(len(rows)), first]
        # Growing takes the best flip whatever it does; an exchange must lower the margin.
        better = margin < self.margin[rows]
        taken = ~full | better
        self.work[rows[taken]], self.margin[rows[taken]] = chosen[taken], margin[taken]
        self.stale[rows] = np.where(better, 0, self.stale[rows] + 1)
        self._succeed(rows[margin <= 0], chosen[margin <= 0])
        full = self.work[rows].sum(axis=1) >= self._allowed(rows)
        self._restart(rows[(self.stale[rows] >= _PATIENCE) & full])
        return True

    def _allowed(self, rows):
        """Flips that would be an improvement: one fewer than the best, at most `largest`."""
        best = self.best[rows].astype(np.int64)
        return np.where(best == NOT_FOUND, self.largest, np.maximum(best - 1, 1))

    def _trials(self, rows, full):
        """Masks (R, L, N): the working ones with one flip more, where all are made with one exchanged for another."""
        mask = self.work[rows].copy()
        patterns = flip(self.images[rows], mask)
        gain = self._gain(rows, patterns)  # what a flip of each bit would take from the margin, to first order
        self.spent[rows] += _GRADIENT
        crowded = np.flatnonzero(full)
        if len(crowded):
            # The flip that costs least to take back goes; a little noise, so that not the same one always does.
            back = np.where(mask[crowded], -gain[crowded], np.inf)
            spread = np.nanstd(np.where(mask[crowded], gain[crowded], np.nan), axis=1, keepdims=True)
            back = back + (0.5 * spread + 1e-12) * self.generator.standard_normal(back.shape)
            leaving = np.where(mask[crowded], back, np.inf).argmin(axis=1)
            mask[crowded, leaving] = False
            gain[crowded, leaving] = -np.inf
        gain = np.where(mask, -np.inf, gain)
        count = min(self.candidates, gain.shape[1] - 1)
        places = np.argpartition(gain, -count, axis=1)[:, -count:]
        trials = np.repeat(mask[:, None], count, axis=1)
        np.put_along_axis(trials, places[:, :, None], True, axis=2)
        return trials

    def _gain(self, rows, patterns):
        gain = self.generator.random(patterns.shape)
        if self.model.gradients:
            which = self.starts[rows] % len(self.model.gradients)
            for number, gradient in enumerate(self.model.gradients):
                some = np.flatnonzero(which == number)
                if len(some):
                    slope = gradient(patterns[some], self.labels[rows[some]], self.target[rows[some]])
                    gain[some] = 2 * patterns[some] * slope
        # Later every other start follows the way to an image of another class: its bits come first.
        guided = np.flatnonzero((self.starts[rows] >= self.order.shape[1]) & (self.starts[rows] % 2 == 1))
        if len(guided) and self.guides.shape[1]:
            turn = (self.starts[rows[guided]] // 2) % self.guides.shape[1]
            guide = self.guides[rows[guided], turn]
            differs = patterns[guided] != self.pool[guide]
            gain[guided] += np.where(differs & (guide >= 0)[:, None], np.ptp(gain[guided], axis=1, keepdims=True), 0)
        return gain

    # --- asking the model

    def _margins(self, rows, trials):
        """Margin (R, L) of the label over the target class, at most 0 where the model is misled."""
        count = trials.shape[1]
        patterns = flip(np.repeat(self.images[rows], count, axis=0), trials.reshape(-1, trials.shape[2]))
        labels = np.repeat(self.labels[rows], count)
        self.spent[rows] += count
        if self.model.scores is None:
            answers = self.model.predict(patterns)
            return np.where(answers == labels, 1.0, -1.0).reshape(len(rows), count)
        scores = np.asarray(self.model.scores(patterns), dtype=np.float64)
        every = np.arange(len(scores))
        right = scores[every, labels].copy()
        towards = right - scores[every, np.repeat(self.target[rows], count)]
        scores[every, labels] = -np.inf
        nearest = right - scores.max(axis=1)
        return np.where(nearest <= 0, nearest, towards).reshape(len(rows), count)

    def _rank_classes(self):
        """Other classes (B, C - 1), the nearest by the model's score of the clean image first."""
        if self.model.scores is None:
            scores = self.generator.random((len(self.images), self.model.classes))
        else:
            scores = np.array(self.model.scores(self.images), dtype=np.float64)
            self.spent += 1
        scores[np.arange(len(scores)), self.labels] = -np.inf
        return (-scores).argsort(axis=1, kind="stable")[:, : max(1, scores.shape[1] - 1)]

    def _succeed(self, rows, masks):
        """Ask the model whether these mislead it, prune those that do, and go on from there with one flip fewer."""
        if not len(rows):
            return
        self.spent[rows] += 1
        misled = self.model.predict(flip(self.images[rows], masks)) != self.labels[rows]
        rows, masks = rows[misled], masks[misled]
        if not len(rows):
            return
        masks = self._pruned(rows, masks)
        counts = masks.sum(axis=1)
        fewer = (self.best[rows] == NOT_FOUND) | (counts < self.best[rows])
        rows, masks, counts = rows[fewer], masks[fewer], counts[fewer]
        self.best[rows], self.mask[rows] = counts, masks
        self.work[rows], self.stale[rows], self.margin[rows] = masks, 0, np.inf
        # One flip less, drawn, is where the next search begins.
        draws = np.where(masks, self.generator.random(masks.shape), 2)
        self.work[rows, draws.argmin(axis=1)] = False

    def _pruned(self, rows, masks):
        """Masks without the flips that are not needed, each asked for once in random order."""
        masks = masks.copy()
        order = np.where(masks, self.generator.random(masks.shape), 2).argsort(axis=1, kind="stable")
        counts = masks.sum(axis=1)
        for place in range(int(counts.max(initial=0))):
            turn = np.flatnonzero((place < counts) & (masks.sum(axis=1) > 1))
            if not len(turn):
                continue
            trial = masks[turn]
            trial[np.arange(len(turn)), order[turn, place]] = False
            self.spent[rows[turn]] += 1
            erring = self.model.predict(flip(self.images[rows[turn]], trial)) != self.labels[rows[turn]]
            masks[turn[erring]] = trial[erring]
        return masks

    def _restart(self, rows):
        """Begin again: first from the clean image towards one class after the other, and then from a part of the best
        flips or along the way to an image of another class, in turn.
        """
        if not len(rows):
            return
        self.starts[rows] += self.margin[rows] < np.inf
        self.target[rows] = self.order[rows, self.starts[rows] % self.order.shape[1]]
        partly = (self.best[rows] > 1) & (self.starts[rows] >= self.order.shape[1]) & (self.starts[rows] % 2 == 0)
        kept = self.mask[rows] & (self.generator.random((len(rows), self.mask.shape[1])) < 0.5)
        self.work[rows] = np.where(partly[:, None], kept, False)
        self.margin[rows], self.stale[rows] = np.inf, 0


def _guides(images, labels, pool, answers):
    """For each image the places (B, G) in the pool of the nearest images that the model takes for other classes."""
    distances = (images.shape[1] - images.astype(np.float32) @ pool.T.astype(np.float32)) / 2
    distances[answers[None] == labels[:, None]] = np.inf
    nearest = distances.argsort(axis=1, kind="stable")[:, :4]
    return np.where(np.isfinite(np.take_along_axis(distances, nearest, axis=1)), nearest, -1)
