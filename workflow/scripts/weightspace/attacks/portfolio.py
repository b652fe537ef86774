"""One attack on binary patterns for every model: a search for the fewest flips, with the same number of queries for
all.

A query is one pattern answered by the attacked model; a gradient, of the model or of what stands in for it, counts as
two. The answers to the pool, asked for once for all images, are not counted. The search is *anytime*: what it found
after so many queries does not depend on how many follow, so one run says how error grows with queries and whether it
has converged.

Two searches take turns on each image. A *climb* adds the flip after which the model's own margin over one wrong class
is smallest, of a few that a gradient proposes, and exchanges flips at a fixed number; then it begins again towards
another class, with another stand-in, or from a part of the best flips. A *walk* stays among patterns that mislead: it
begins at the nearest image of another class, keeps the shortest beginning of an order of its flips, and then takes
flips back for fewer others, or exchanges as many, where the margin is the smaller for it; it finds most where recall
makes the margin rugged. Several moves of an image are asked for together, and many images, since a model answers
hundreds of patterns in little more time than one. Every success is pruned. Sources: Croce et al. 2022 (Sparse-RS) for
exchanges, Schott et al. 2019 (pointwise) for walks and pruning, Athalye et al. 2018 for asking the real model and not
its stand-in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, Int8

from weightspace.attacks.flips import NOT_FOUND, flip, largest_places
from weightspace.attacks.streams import Streams, below, distinct

Scores = Callable[[np.ndarray], np.ndarray]
# (patterns (B, N), labels (B,), classes (B,)) -> gradient (B, N) of the score of the label less that of the class
ClassGradient = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_GRADIENT = 2  # queries that a gradient counts as
_PATIENCE = 2  # moves without a smaller margin before another climb
_MOVES = 8  # of a walk that are asked for together
_MOST = 3  # flips that a move makes; it takes back as many, or more by one to
_FEWER = 6
_TURNS = 3  # of a walk for each climb's one, where the walk found the last success; else one
_SELDOM = 3  # there, once a climb has ended, only every third of its turns is taken
_IDLE = 160  # moves in vain before another walk
_PARTS = 8  # into which the order of a walk's flips is cut
_CUTS = 4  # orders tried at most
_SHORTER = 0.9  # of the flips left by an order after which another one is tried
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
    """The state of all images' searches. Each image has draws of its own and stops at the first questions that its
    queries do not allow, so what it found until then depends neither on the other images nor on what follows.
    """

    def __init__(self, model, images, labels, pool, *, queries, largest, candidates, generator):
        self.model, self.images, self.labels, self.pool = model, images, np.asarray(labels, dtype=np.int64), pool
        self.queries, self.largest = np.array(queries), min(largest, images.shape[1])
        self.candidates, count = min(candidates, images.shape[1]), len(images)
        self.streams = Streams(generator.integers(2**63, size=count, dtype=np.uint64))
        self.spent, self.over = np.ones(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
        self.clean = model.predict(images) != self.labels if count else np.zeros(0, dtype=np.bool_)
        self.best = np.where(self.clean, 0, NOT_FOUND).astype(np.int64)
        self.noted = np.tile(self.best, (len(self.queries), 1))
        self.mask = np.zeros(images.shape, dtype=np.bool_)
        # A climb lowers the margin from few flips; a walk takes flips back that mislead.
        self.climb, self.margin = self.mask.copy(), np.full(count, np.inf)
        self.stale, self.starts, self.target = np.zeros((3, count), dtype=np.int64)
        self.walk, self.way, self.depth = self.mask.copy(), self.mask.copy(), np.zeros(count)
        self.walks, self.idle = np.full(count, -1), np.zeros(count, dtype=np.int64)
        self.walking, self.walked = False, np.zeros(count, dtype=np.bool_)
        if count:
            self.order, self.answers = self._rank_classes(), model.predict(pool)
            self.guides = _guides(images, self.labels, pool, self.answers)
            self._start_climbs(np.arange(count))

    def run(self) -> Trace:
        turn = 0
        while len(rows := self._active()):
            seldom = self.walked[rows] & (self.starts[rows] > 0)
            self._climb_on(rows[~seldom | (turn % _SELDOM == 0)])
            self.walking = True
            self._walk_on(self._active())
            self.walking = False
            turn += 1
        return Trace(self.queries, self.noted.astype(np.int16), self.mask, self.spent)

    def _active(self):
        return np.flatnonzero(~self.over & (self.best != 0) & (self.best != 1))

    # --- climbs: from few flips to a smaller margin

    def _climb_on(self, rows):
        """Try `candidates` further flips on each image, or exchanges where no more flips would be an improvement."""
        rows = rows[self._affords(rows, self.candidates + (_GRADIENT if self.model.gradients else 0))]
        if not len(rows):
            return
        full = self.climb[rows].sum(axis=1) >= self._allowed(rows)
        trials, every = self._trials(rows, full), np.arange(len(rows))
        margins = self._margins(rows, trials, self.target[rows])
        first = margins.argmin(axis=1)
        chosen, margin = trials[every, first], margins[every, first]
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
        gain = self._gain(rows, flip(self.images[rows], mask), self.starts[rows], self.target[rows])
        crowded = np.flatnonzero(full)
        if len(crowded):
            # The flip that costs least to take back goes; a little noise, so that not the same one always does.
            spread = np.nanstd(np.where(mask[crowded], gain[crowded], np.nan), axis=1, keepdims=True)
            back = -gain[crowded] + (spread + 1e-12) * self._random(rows[crowded])
            leaving = np.where(mask[crowded], back, np.inf).argmin(axis=1)
            mask[crowded, leaving] = False
            gain[crowded, leaving] = -np.inf
        places = largest_places(np.where(mask, -np.inf, gain), self.candidates)
        trials = np.repeat(mask[:, None], self.candidates, axis=1)
        np.put_along_axis(trials, places[:, :, None], True, axis=2)
        return trials

    def _gain(self, rows, patterns, numbers, classes):
        """What a flip of each bit would take from the margin over the classes, to first order, by the gradients of
        these numbers; at random where there are none.
        """
        gain = self._random(rows)
        for number, gradient in enumerate(self.model.gradients):
            some = np.flatnonzero(numbers % len(self.model.gradients) == number)
            if len(some):
                gain[some] = 2 * patterns[some] * gradient(patterns[some], self.labels[rows[some]], classes[some])
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
        misled = self._misleads(rows, masks[:, None])[:, 0]
        rows, masks = rows[misled], masks[misled]
        if not len(rows):
            return
        self._prune(rows, masks)
        fewer = masks.sum(axis=1) == self.best[rows]  # what was noted while they were pruned
        rows, masks = rows[fewer], masks[fewer]
        self.climb[rows], self.stale[rows], self.margin[rows] = masks, 0, np.inf
        # One flip less, drawn, is where the next search begins.
        self.climb[rows, np.where(masks, self._random(rows), 2).argmin(axis=1)] = False

    def _prune(self, rows, masks):
        """Take back, in place, flips that are not needed: all that may go are asked for at once, each by itself; those
        that can go then go together, or one of them where the model errs no more without them all.
        """
        may, turn = masks.copy(), np.flatnonzero(masks.sum(axis=1) > 1)
        while len(turn):
            turn = turn[self._affords(rows[turn], may[turn].sum(axis=1))]
            owner, place = np.nonzero(may[turn])
            if not len(owner):
                return
            trial = flip(self.images[rows[turn]], masks[turn])[owner]
            trial[np.arange(len(owner)), place] *= -1
            right = self.model.predict(trial) == self.labels[rows[turn]][owner]
            may[turn[owner[right]], place[right]] = False
            turn = turn[may[turn].any(axis=1)]
            without = masks[turn] & ~may[turn]
            several = (may[turn].sum(axis=1) > 1) & without.any(axis=1)
            gone = np.zeros(len(turn), dtype=np.bool_)
            gone[several] = self._misleads(rows[turn[several]], without[several][:, None])[:, 0]
            masks[turn[gone]] = without[gone]
            single = turn[~gone]
            masks[single, np.where(may[single], self._random(rows[single]), 2).argmin(axis=1)] = False
            self._note(rows[turn], masks[turn])
            may &= masks
            turn = turn[(masks[turn].sum(axis=1) > 1) & may[turn].any(axis=1)]

    # --- walks: from an image of another class back to the clean one

    def _walk_on(self, rows):
        """Take flips back, or make others in their place; begin again after `_IDLE` moves that left no fewer."""
        self._start_walks(rows[(self.walks[rows] < 0) | (self.idle[rows] >= _IDLE)])
        for turn in range(_TURNS):
            # Of the two searches the one that was right last has more turns.
            rows = rows[(self.walk[rows].sum(axis=1) > 1) & (self.walked[rows] | (turn == 0))]
            self._move(rows)

    def _start_walks(self, rows):
        """Set out for the next of the guides: in turn from it, whose differing bits are set back, and from the best."""
        self.walks[rows] += 1
        self.idle[rows], self.depth[rows], self.walk[rows] = 0, 0, False
        if not len(rows) or not self.guides.shape[1]:
            return
        guide = self.guides[rows, self.walks[rows] % self.guides.shape[1]]
        rows, guide = rows[guide >= 0], guide[guide >= 0]
        self.way[rows] = self.images[rows] != self.pool[guide]
        again = (self.best[rows] > 1) & (self.walks[rows] % 2 == 1)
        self.walk[rows] = np.where(again[:, None], self.mask[rows], self.way[rows])
        rows, classes = rows[~again], np.maximum(self.answers[guide[~again]], 0)
        self._note(rows, self.walk[rows])  # the guides' answers are known
        if self.model.gradients:
            asked = self._affords(rows, _GRADIENT)
            rows, classes = rows[asked], classes[asked]
        keys = -self._gain(rows, self.images[rows], self.walks[rows], classes)
        for _ in range(_CUTS):
            before = self.walk[rows].sum(axis=1)
            self._shorten(rows, keys)
            rows = rows[self.walk[rows].sum(axis=1) < _SHORTER * before]
            keys = self._random(rows)

    def _shorten(self, rows, keys):
        """Keep the shortest beginning that misleads of the walk's flips in the order of the keys (R, N), among
        `_PARTS` and then among as many between the two that tell.
        """
        ranks = np.where(self.walk[rows], keys, np.inf).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        low, high = np.zeros(len(rows), dtype=np.int64), self.walk[rows].sum(axis=1)
        for _ in range(2):
            open_ = high - low > 1
            rows, ranks, low, high = rows[open_], ranks[open_], low[open_], high[open_]
            if not len(rows):
                return
            ends = low[:, None] + np.maximum((high - low)[:, None] * np.arange(1, _PARTS) // _PARTS, 1)
            trials = ranks[:, None] < ends[:, :, None]
            misled = self._misleads(rows, trials)
            found, first, every = misled.any(axis=1), misled.argmax(axis=1), np.arange(len(rows))
            self.walk[rows[found]] = trials[every, first][found]
            last = np.where(found, first, _PARTS - 1) - 1
            low = np.where(last >= 0, ends[every, last], low)
            high = np.where(found, ends[every, first], high)

    def _move(self, rows):
        """Ask for `_MOVES` moves of each walk. The one that leaves fewest flips is made, or of as many the one of the
        smallest margin; one that leaves as many as there were, only where the margin falls, or else one time in four.
        """
        rows = rows[self._affords(rows, _MOVES)]
        if not len(rows):
            return
        counts = self.walk[rows].sum(axis=1)
        trials, every = self._moves(rows, counts), np.arange(len(rows))
        margins, sizes = self._margins(rows, trials), trials.sum(axis=2)
        sizes = np.where(margins <= 0, sizes, trials.shape[2] + 1)
        first = np.where(sizes == sizes.min(axis=1, keepdims=True), margins, np.inf).argmin(axis=1)
        trial, margin, size = trials[every, first], margins[every, first], sizes[every, first]
        fewer = size < counts
        fewer[fewer] = self._misleads(rows[fewer], trial[fewer][:, None])[:, 0]
        level = (size == counts) & ((margin <= self.depth[rows]) | (self.streams.uniform(rows, 1)[:, 0] < 0.25))
        made = fewer | level
        self.walk[rows[made]], self.depth[rows[made]] = trial[made], margin[made]
        self.idle[rows] = np.where(fewer, 0, self.idle[rows] + _MOVES)

    def _moves(self, rows, counts):
        """Masks (R, `_MOVES`, N): up to `_MOST` flips made, of those on the way to the guide, and as many taken back,
        or more: of many flips up to an eighth more.
        """
        trials = np.repeat(self.walk[rows][:, None], _MOVES, axis=1)
        others = self.way[rows] & ~self.walk[rows]
        draws = self.streams.bits(rows, _MOVES * (2 * _MOST + _FEWER + 3)).reshape(len(rows), _MOVES, -1)
        ways = others.sum(axis=1)
        entering = np.minimum(below(draws[:, :, 0], _MOST + 1), np.minimum(counts - 1, ways)[:, None])
        fewer = 1 + below(draws[:, :, 2], 1 + np.minimum(counts // 8, _FEWER - 1)[:, None])
        leaving = entering + np.where((entering == 0) | (below(draws[:, :, 1], 2) == 0), fewer, 0)
        for value, places, number, bits in (
            (False, self.walk[rows], leaving, draws[:, :, 3 + _MOST :]),
            (True, others, entering, draws[:, :, 3 : 3 + _MOST]),
        ):
            ranks = distinct(bits, places.sum(axis=1))
            row, move, place = np.nonzero(np.arange(bits.shape[2]) < number[:, :, None])
            starts = places.sum(axis=1).cumsum() - places.sum(axis=1)
            trials[row, move, np.nonzero(places)[1][starts[row] + ranks[row, move, place]]] = value
        return trials

    # --- asking the model

    def _affords(self, rows, cost):
        """Which of these images may be asked so many queries more, which are counted; the others have had theirs."""
        allowed = ~self.over[rows] & (self.spent[rows] + cost <= self.queries[-1])
        self.over[rows[~allowed]] = True
        self.spent[rows] += np.where(allowed, cost, 0)
        return allowed

    def _misleads(self, rows, masks):
        """Whether each of K masks (R, K, N) misleads the model, not where an image has had its queries; note the
        fewest flips that do.
        """
        found = np.zeros(masks.shape[:2], dtype=np.bool_)
        asked = np.flatnonzero(self._affords(rows, masks.shape[1]))
        if not len(asked):
            return found
        answers = self.model.predict(self._patterns(rows[asked], masks[asked]))
        found[asked] = answers.reshape(len(asked), -1) != self.labels[rows[asked], None]
        first = np.where(found, masks.sum(axis=2), masks.shape[2] + 1).argmin(axis=1)
        told = found.any(axis=1)
        self._note(rows[told], masks[told, first[told]])
        return found

    def _note(self, rows, masks):
        """Note what misleads the model with fewer flips than all before."""
        counts = masks.sum(axis=1)
        fewer = (counts <= self.largest) & ((self.best[rows] == NOT_FOUND) | (counts < self.best[rows]))
        rows, counts = rows[fewer], counts[fewer]
        self.best[rows], self.mask[rows], self.walked[rows] = counts, masks[fewer], self.walking
        late = self.queries[:, None] >= self.spent[rows]
        self.noted[:, rows] = np.where(late, counts, self.noted[:, rows])

    def _patterns(self, rows, masks):
        images = self.images[rows][:, None]
        return np.where(masks, -images, images).reshape(-1, masks.shape[2])

    def _margins(self, rows, masks, classes=None):
        """Margin (R, K) of the label over the nearest other class, at most 0 where the model is misled; over these
        classes where it is not, if there are any.
        """
        patterns, shape = self._patterns(rows, masks), masks.shape[:2]
        labels = np.repeat(self.labels[rows], shape[1])
        if self.model.scores is None:
            return np.where(self.model.predict(patterns) == labels, 1.0, -1.0).reshape(shape)
        scores = np.array(self.model.scores(patterns), dtype=np.float64)
        every = np.arange(len(scores))
        right = scores[every, labels].copy()
        towards = None if classes is None else right - scores[every, np.repeat(classes, shape[1])]
        scores[every, labels] = -np.inf
        nearest = right - scores.max(axis=1)
        return (nearest if towards is None else np.where(nearest <= 0, nearest, towards)).reshape(shape)

    def _rank_classes(self):
        """Other classes (B, C - 1), the nearest by the model's score of the clean image first."""
        if self.model.scores is None:
            scores = self.streams.uniform(np.arange(len(self.images)), self.model.classes)
        else:
            scores = np.array(self.model.scores(self.images), dtype=np.float64)
            self.spent += 1
        scores[np.arange(len(scores)), self.labels] = -np.inf
        return (-scores).argsort(axis=1, kind="stable")[:, : max(1, scores.shape[1] - 1)]

    def _random(self, rows):
        return self.streams.uniform(rows, self.images.shape[1])


def _guides(images, labels, pool, answers):
    """For each image the places (B, G) in the pool of the nearest images that the model takes for other classes, -1
    where there are no more.
    """
    distances = (images.shape[1] - images.astype(np.float32) @ pool.T.astype(np.float32)) / 2
    distances[answers[None] == labels[:, None]] = np.inf
    nearest = distances.argsort(axis=1, kind="stable")[:, :_GUIDES]
    return np.where(np.isfinite(np.take_along_axis(distances, nearest, axis=1)), nearest, -1)
