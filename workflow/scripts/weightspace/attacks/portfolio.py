"""One attack on binary patterns for every model: a search for the fewest flips, with the same number of queries for
all.

A query is one pattern answered by the attacked model; a gradient, of the model or of what stands in for it, counts as
two. The answers to the pool, asked for once for all images, are not counted. The search is *anytime*: what it found
after so many queries does not depend on how many follow, so one run says how error grows with queries and whether it
has converged.

Two searches take turns on each image. A *climb* adds the flip after which the model's own margin over one wrong class
is smallest, of a few that a gradient proposes, and exchanges flips at a fixed number; then it begins again towards
another class, with another stand-in, or from a part of the best flips. A *walk* begins at the nearest image of another
class, sets differing bits back in blocks, and then takes flips back for fewer others; it needs no margin, and finds
most where recall makes the margin rugged. Every success is pruned. Sources: Croce et al. 2022 (Sparse-RS) for
exchanges, Schott et al. 2019 (pointwise) for walks and pruning, Athalye et al. 2018 for asking the real model and not
its stand-in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, Int8

from weightspace.attacks.flips import NOT_FOUND, flip, smallest_places

Scores = Callable[[np.ndarray], np.ndarray]
# (patterns (B, N), labels (B,), classes (B,)) -> gradient (B, N) of the score of the label less that of the class
ClassGradient = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_GRADIENT = 2  # queries that a gradient counts as
_PATIENCE = 2  # moves without a smaller margin before another climb
_WALK = 10  # questions of a walk for each move of a climb, where the walk found the last success
_LEAST = 3  # where the climb found it
_IDLE = 100  # questions in vain before another walk
_GUIDES = 16  # images of other classes that show the way


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
        queries: numbers, ascending from 2, after which is noted what was found; the last ends the search.
        candidates: flips tried on the model in each move of a climb.

    Raises:
        ValueError: the numbers of queries do not ascend from 2.
    """
    if list(queries) != sorted(set(queries)) or queries[0] < 2:
        raise ValueError(f"queries are {list(queries)}; allowed: numbers that ascend, from 2 on")
    state = _Search(
        model, images, labels, pool, queries=queries, largest=largest, candidates=candidates, generator=generator
    )
    return state.run()


class _Search:
    """The state of all images' searches. Each image has draws of its own and stops at the first question that its
    queries do not allow, so what it found until then depends neither on the other images nor on what follows.
    """

    def __init__(self, model, images, labels, pool, *, queries, largest, candidates, generator):
        self.model, self.images, self.labels, self.pool = model, images, np.asarray(labels, dtype=np.int64), pool
        self.queries, self.largest = np.array(queries), min(largest, images.shape[1])
        self.candidates, self.generators = min(candidates, images.shape[1]), generator.spawn(len(images))
        count = len(images)
        self.spent, self.over = np.ones(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
        self.clean = model.predict(images) != self.labels if count else np.zeros(0, dtype=np.bool_)
        self.best = np.where(self.clean, 0, NOT_FOUND).astype(np.int64)
        self.noted = np.tile(self.best, (len(self.queries), 1))
        self.mask = np.zeros(images.shape, dtype=np.bool_)
        # A climb lowers the margin from few flips; a walk takes flips back that mislead.
        self.climb, self.walk = self.mask.copy(), self.mask.copy()
        self.margin, self.stale = np.full(count, np.inf), np.zeros(count, dtype=np.int64)
        self.starts, self.target = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        self.walking, self.walked = False, np.zeros(count, dtype=np.bool_)
        self.walks, self.idle = np.full(count, -1), np.zeros(count, dtype=np.int64)
        if count:
            self.order = self._rank_classes()
            self.guides = _guides(images, self.labels, pool, model.predict(pool))
            self._start_climbs(np.arange(count))

    def run(self) -> Trace:
        while len(rows := self._active()):
            self._climb_on(rows)
            self.walking = True
            self._walk_on(self._active())
            self.walking = False
        return Trace(self.queries, self.noted.astype(np.int16), self.mask, self.spent)

    def _active(self):
        return np.flatnonzero(~self.over & (self.best != 0) & (self.best != 1))

    # --- climbs: from few flips to a smaller margin

    def _climb_on(self, rows):
        """Try `candidates` further flips on each image, or exchanges where no more flips would be an improvement."""
        rows = rows[self._affords(rows, _GRADIENT if self.model.gradients else 0)]
        if not len(rows):
            return
        full = self.climb[rows].sum(axis=1) >= self._allowed(rows)
        trials = self._trials(rows, full)
        asked = self._affords(rows, trials.shape[1])
        rows, full, trials = rows[asked], full[asked], trials[asked]
        if not len(rows):
            return
        margins = self._margins(rows, trials)
        first = margins.argmin(axis=1)
        chosen, margin = trials[np.arange(len(rows)), first], margins[np.arange(len(rows)), first]
        # Growing takes the best flip whatever it does; an exchange must lower the margin.
        better = margin < self.margin[rows]
        taken = ~full | better
        self.climb[rows[taken]], self.margin[rows[taken]] = chosen[taken], margin[taken]
        self.stale[rows] = np.where(better, 0, self.stale[rows] + 1)
        self._succeed(rows[margin <= 0], chosen[margin <= 0])
        full = self.climb[rows].sum(axis=1) >= self._allowed(rows)
        self._start_climbs(rows[(self.stale[rows] >= _PATIENCE) & full])

    def _allowed(self, rows):
        """Flips that would be an improvement: one fewer than the best, at most `largest`."""
        return np.where(self.best[rows] == NOT_FOUND, self.largest, np.maximum(self.best[rows] - 1, 1))

    def _trials(self, rows, full):
        """Masks (R, L, N): those of the climb with one flip more, where all are made with one exchanged for another."""
        mask = self.climb[rows].copy()
        gain = self._gain(rows, flip(self.images[rows], mask))
        crowded = np.flatnonzero(full)
        if len(crowded):
            # The flip that costs least to take back goes; a little noise, so that not the same one always does.
            spread = np.nanstd(np.where(mask[crowded], gain[crowded], np.nan), axis=1, keepdims=True)
            back = -gain[crowded] + (0.5 * spread + 1e-12) * self._normal(rows[crowded])
            leaving = np.where(mask[crowded], back, np.inf).argmin(axis=1)
            mask[crowded, leaving] = False
            gain[crowded, leaving] = -np.inf
        gain = np.where(mask, -np.inf, gain)
        places = np.argpartition(gain, -self.candidates, axis=1)[:, -self.candidates :]
        trials = np.repeat(mask[:, None], self.candidates, axis=1)
        np.put_along_axis(trials, places[:, :, None], True, axis=2)
        return trials

    def _gain(self, rows, patterns):
        """What a flip of each bit would take from the margin, to first order; at random where there are no
        gradients.
        """
        gain = self._random(rows)
        if self.model.gradients:
            which = self.starts[rows] % len(self.model.gradients)
            for number, gradient in enumerate(self.model.gradients):
                some = np.flatnonzero(which == number)
                if len(some):
                    slope = gradient(patterns[some], self.labels[rows[some]], self.target[rows[some]])
                    gain[some] = 2 * patterns[some] * slope
        return gain

    def _start_climbs(self, rows):
        """Begin again: from the clean image towards one class after the other, and then in turn from a part of the best
        flips.
        """
        if not len(rows):
            return
        self.starts[rows] += self.margin[rows] < np.inf
        self.target[rows] = self.order[rows, self.starts[rows] % self.order.shape[1]]
        partly = (self.best[rows] > 1) & (self.starts[rows] % 2 == 1)
        kept = self.mask[rows] & (self._random(rows) < 0.5)
        self.climb[rows] = np.where(partly[:, None], kept, False)
        self.margin[rows], self.stale[rows] = np.inf, 0

    def _succeed(self, rows, masks):
        """Ask the model whether these mislead it, prune those that do, and climb on from there with one flip fewer."""
        misled = self._misleads(rows, masks)
        rows = rows[misled]
        if not len(rows):
            return
        masks = self._pruned(rows, masks[misled])
        fewer = masks.sum(axis=1) == self.best[rows]  # what was noted while they were pruned
        rows, masks = rows[fewer], masks[fewer]
        self.climb[rows], self.stale[rows], self.margin[rows] = masks, 0, np.inf
        # One flip less, drawn, is where the next search begins.
        draws = np.where(masks, self._random(rows), 2)
        self.climb[rows, draws.argmin(axis=1)] = False

    # --- walks: from an image of another class back to the clean one

    def _walk_on(self, rows):
        """Take flips back, or make fewer others in their place; begin again from another image after `_IDLE` questions
        in vain.
        """
        self._start_walks(rows[(self.walks[rows] < 0) | (self.idle[rows] >= _IDLE)])
        rows = rows[self.walk[rows].any(axis=1)]
        for turn in range(_WALK):
            # Of the two searches the one that was right last has more turns.
            rows = rows[~self.over[rows] & (self.walk[rows].sum(axis=1) > 1) & (self.walked[rows] | (turn < _LEAST))]
            self._exchange(rows)

    def _start_walks(self, rows):
        """From the next of the guides, whose differing bits are set back in blocks, halved down to single bits."""
        self.walks[rows] += 1
        self.idle[rows] = 0
        self.walk[rows] = False
        if not self.guides.shape[1]:
            return
        guide = self.guides[rows, self.walks[rows] % self.guides.shape[1]]
        rows, guide = rows[guide >= 0], guide[guide >= 0]
        masks = self.images[rows] != self.pool[guide]
        known = self._misleads(rows, masks)
        rows, masks = rows[known], masks[known]
        size = np.maximum(masks.sum(axis=1) // 2, 1)
        while len(rows) and not self.over[rows].all():
            masks = self._without_blocks(rows, masks, size)
            if (size == 1).all():
                break
            size = np.maximum(size // 2, 1)
        self.walk[rows] = masks

    def _exchange(self, rows):
        """Take two to four flips back and make one to three others, of those on the way to the guide."""
        if not len(rows):
            return
        fewer = np.array([self.generators[row].integers(0, 4) for row in rows])
        guide = self.guides[rows, self.walks[rows] % self.guides.shape[1]]
        mask = self.walk[rows]
        others = ~mask & (self.images[rows] != self.pool[guide])
        fewer = np.minimum(fewer, np.minimum(mask.sum(axis=1) - 1, others.sum(axis=1)))
        draws, trial = self._random(rows), mask.copy()
        for number in range(4):
            some = np.flatnonzero(fewer == number)
            if not len(some):
                continue
            part = trial[some]
            leaving = smallest_places(draws[some], mask[some], number + 1)
            np.put_along_axis(part, leaving, False, axis=1)
            if number:
                np.put_along_axis(part, smallest_places(draws[some], others[some], number), True, axis=1)
            trial[some] = part
        misled = self._misleads(rows, trial)
        self.idle[rows] = np.where(misled, 0, self.idle[rows] + 1)
        self.walk[rows[misled]] = trial[misled]

    # --- asking the model

    def _affords(self, rows, cost):
        """Which of these images may be asked so many queries more, which are counted; the others have had theirs."""
        allowed = ~self.over[rows] & (self.spent[rows] + cost <= self.queries[-1])
        self.over[rows[~allowed]] = True
        self.spent[rows[allowed]] += cost
        return allowed

    def _misleads(self, rows, masks):
        """Ask the model; note what misleads it with fewer flips than all before."""
        found = np.zeros(len(rows), dtype=np.bool_)
        asked = np.flatnonzero(self._affords(rows, 1))
        if not len(asked):
            return found
        found[asked] = self.model.predict(flip(self.images[rows[asked]], masks[asked])) != self.labels[rows[asked]]
        counts = masks.sum(axis=1)
        fewer = found & (counts <= self.largest) & ((self.best[rows] == NOT_FOUND) | (counts < self.best[rows]))
        self.best[rows[fewer]], self.mask[rows[fewer]] = counts[fewer], masks[fewer]
        self.walked[rows[fewer]] = self.walking
        for row, count in zip(rows[fewer], counts[fewer], strict=True):
            self.noted[self.queries >= self.spent[row], row] = count
        return found

    def _margins(self, rows, trials):
        """Margin (R, L) of the label over the target class, at most 0 where the model is misled."""
        count = trials.shape[1]
        patterns = flip(np.repeat(self.images[rows], count, axis=0), trials.reshape(-1, trials.shape[2]))
        labels = np.repeat(self.labels[rows], count)
        if self.model.scores is None:
            answers = self.model.predict(patterns)
            return np.where(answers == labels, 1.0, -1.0).reshape(len(rows), count)
        scores = np.array(self.model.scores(patterns), dtype=np.float64)
        every = np.arange(len(scores))
        right = scores[every, labels].copy()
        towards = right - scores[every, np.repeat(self.target[rows], count)]
        scores[every, labels] = -np.inf
        nearest = right - scores.max(axis=1)
        return np.where(nearest <= 0, nearest, towards).reshape(len(rows), count)

    def _rank_classes(self):
        """Other classes (B, C - 1), the nearest by the model's score of the clean image first."""
        if self.model.scores is None:
            scores = np.stack([one.random(self.model.classes) for one in self.generators])
        else:
            scores = np.array(self.model.scores(self.images), dtype=np.float64)
            self.spent += 1
        scores[np.arange(len(scores)), self.labels] = -np.inf
        return (-scores).argsort(axis=1, kind="stable")[:, : max(1, scores.shape[1] - 1)]

    def _pruned(self, rows, masks):
        """Masks without the flips that are not needed, each asked for once in random order."""
        return self._without_blocks(rows, masks, np.ones(len(rows), dtype=np.int64))

    def _without_blocks(self, rows, masks, size):
        """Divide each image's flips into random blocks of ``size`` (R,) flips, and set each block back where the model
        still errs without it.
        """
        masks = masks.copy()
        draws = np.where(masks, self._random(rows), 2)
        ranks = draws.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        blocks = np.where(masks, ranks // size[:, None], -1)
        for number in range(int(blocks.max(initial=-1)) + 1):
            block = blocks == number
            turn = np.flatnonzero(block.any(axis=1) & (masks & ~block).any(axis=1) & ~self.over[rows])
            trial = masks[turn] & ~block[turn]
            misled = self._misleads(rows[turn], trial)
            masks[turn[misled]] = trial[misled]
        return masks

    def _random(self, rows):
        if not len(rows):
            return np.empty((0, self.images.shape[1]))
        return np.stack([self.generators[row].random(self.images.shape[1]) for row in rows])

    def _normal(self, rows):
        return np.stack([self.generators[row].standard_normal(self.images.shape[1]) for row in rows])


def _guides(images, labels, pool, answers):
    """For each image the places (B, G) in the pool of the nearest images that the model takes for other classes, -1
    where there are no more.
    """
    distances = (images.shape[1] - images.astype(np.float32) @ pool.T.astype(np.float32)) / 2
    distances[answers[None] == labels[:, None]] = np.inf
    nearest = distances.argsort(axis=1, kind="stable")[:, :_GUIDES]
    return np.where(np.isfinite(np.take_along_axis(distances, nearest, axis=1)), nearest, -1)
