"""How many patterns a learning rule holds: fixed points, stable bits, retrieval and exact recovery by number of stored
patterns, and the number at which a share of them falls through one half.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int8
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from weightspace.data.hypercube import flip_bits, random_patterns
from weightspace.data.patterns import Patterns
from weightspace.draws import generator, stored_images, stored_random_patterns
from weightspace.memories import learning_rules
from weightspace.memories.memory import AssociativeMemory

# One seed's draw: the first of its patterns, as many as asked for, and a Generator for all else.
Draw = Callable[[int], tuple[Int8[np.ndarray, "P N"], np.random.Generator]]
# What tells whether a pattern is held; the others are a finer measure, and a control.
HELD = ("fixed_points", "retrieved", "recovered")
# Once fewer than this share of all probed patterns passes any test, larger loads are left out.
_EXHAUSTED = 0.02
_HALF = 0.5


def random_draws(most: int, neurons: int, *, seeds: int) -> list[Draw]:
    """For each seed a draw from ``most`` random patterns."""
    return [
        _draw(random_patterns(most, neurons, generator=stored_random_patterns(seed)), seed) for seed in range(seeds)
    ]


def image_draws(data: Patterns, most: int, *, seeds: int) -> list[Draw]:
    """The same of training images, in the order in which the memories of the seed store them."""
    orders = [stored_images(data.train_labels, seed)[:most] for seed in range(seeds)]
    return [_draw(data.train(order), seed) for seed, order in enumerate(orders)]


def _draw(patterns, seed):
    return lambda count: (patterns[:count], generator(seed, "capacity", count))


def measure_rule(
    definition: Mapping[str, Any],
    draws: Sequence[Draw],
    counts: Sequence[int],
    *,
    flipped: Sequence[float],
    probes: int,
    overlap: float,
    refinements: int,
) -> pd.DataFrame:
    """Train a rule on ever more patterns, for all seeds, and probe what is stored.

    Args:
        definition: of the rule, without its number of patterns.
        draws: `random_draws` or `image_draws`.
        counts: numbers of stored patterns, increasing; those beyond the first at which nearly nothing is held are left
            out.
        flipped: shares of the bits flipped before recovery.
        probes: at most so many stored patterns are probed.
        overlap: a pattern is retrieved if recall from itself ends at this share of the largest overlap at least.
        refinements: how often, for each seed and quantity, the gap in which its share falls through one half is halved.

    Returns:
        The columns seed, stored, refined (not one of ``counts``), quantity, flipped, hits, n.
    """

    def measure(seed, stored, refined):
        patterns, drawn = draws[seed](stored)
        memory = learning_rules.train_unlabelled(patterns, definition, generator=drawn)
        found = probe(memory, flipped=flipped, probes=probes, overlap=overlap, generator=drawn)
        return found.assign(seed=seed, stored=stored, refined=refined)

    parts = []
    for stored in counts:
        parts.append(pd.concat([measure(seed, stored, False) for seed in range(len(draws))]))
        held = parts[-1][parts[-1].quantity.isin(HELD)].groupby(["quantity", "flipped"])[["hits", "n"]].sum()
        if (held.hits < _EXHAUSTED * held.n).all():
            break
    measured = pd.concat(parts, ignore_index=True)
    for seed in range(len(draws)):
        for _ in range(refinements):
            for stored in sorted(_middles(measured[measured.seed == seed])):
                measured = pd.concat([measured, measure(seed, stored, True)], ignore_index=True)
    return measured[["seed", "stored", "refined", "quantity", "flipped", "hits", "n"]]


def _middles(measured):
    """Numbers of patterns in the middle of the gaps in which the shares of one seed fall through one half."""
    middles = set()
    for _, rows in measured[measured.quantity.isin(HELD)].groupby(["quantity", "flipped"]):
        found = find_crossing(rows.stored, rows.hits, rows.n)
        if not math.isnan(found.load):
            middles.add(round(math.sqrt(found.below * found.above)))
    return middles - set(measured.stored)


def probe(
    memory: AssociativeMemory,
    *,
    flipped: Sequence[float],
    probes: int,
    overlap: float,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Count, among the first ``probes`` stored patterns, fixed points, stable bits, retrieved and recovered patterns.

    ``fixed_points``: no bit changes. ``stable_bits``: bits that do not change in one synchronous step. ``retrieved``:
    recall from the pattern ends with at least the given overlap (with errors, as in Amit et al. 1985). ``recovered``:
    recall from the pattern with a share ``flipped`` of its bits flipped ends in the pattern itself, to the last bit.
    ``strangers``: of as many random patterns that were never stored, those that are fixed points. Where most of them
    are, the memory keeps whatever it is shown, and none of the stored patterns counts.

    Returns:
        The columns quantity, flipped, hits, n.
    """
    patterns = memory.patterns[:probes]
    number, size = patterns.shape
    held = memory.recall(patterns)
    strangers = int((memory.recall(random_patterns(number, size, generator=generator)).flips == 0).sum())
    tells = 2 * strangers <= number
    kept = (held.flips == 0).sum()
    stable = (synchronous_step(memory, patterns) == patterns).sum()
    close = ((held.states * patterns).sum(axis=1, dtype=np.int64) >= overlap * size).sum()
    rows = [
        ("fixed_points", 0.0, tells * kept, number),
        ("stable_bits", 0.0, tells * stable, number * size),
        ("retrieved", 0.0, tells * close, number),
        ("strangers", 0.0, strangers, number),
    ]
    for share in flipped:
        recalled = memory.recall(flip_bits(patterns, round(share * size), generator=generator))
        rows.append(("recovered", share, (recalled.settled & (recalled.states == patterns).all(axis=1)).sum(), number))
    return pd.DataFrame(rows, columns=["quantity", "flipped", "hits", "n"])


def synchronous_step(memory: AssociativeMemory, states: Int8[np.ndarray, "B N"]) -> Int8[np.ndarray, "B N"]:
    """The states after all neurons were updated at once, once."""
    return memory.recalling(sweeps=1).recall(states, order="synchronous").states


@dataclass(frozen=True)
class Crossing:
    """Where one seed's share falls through one half: the interpolated load and the measured loads on either side of it.

    ``below`` is 0 where the share is under one half at all loads, ``above`` infinite where it never falls so far;
    ``load`` is then NaN.
    """

    load: float
    below: float
    above: float


def find_crossing(loads: ArrayLike, hits: ArrayLike, n: ArrayLike) -> Crossing:
    """The crossing of the shares ``hits / n`` (K,) measured at ``loads`` (K,), positive and all different, in any
    order.

    The shares are first made to fall with the load (isotonic regression: more patterns can only be harder to store, so
    what rises is noise), then interpolated on the logarithm of the load.
    """
    order = np.argsort(loads)
    loads, hits, n = (np.asarray(values, dtype=float)[order] for values in (loads, hits, n))
    shares = isotonic_regression(hits / n, weights=n, increasing=False).x
    last = int((shares >= _HALF).sum())  # so many loads lie before the crossing
    below = loads[last - 1] if last > 0 else 0.0
    above = loads[last] if last < len(loads) else np.inf
    if last in (0, len(loads)):
        return Crossing(np.nan, float(below), float(above))
    place = (shares[last - 1] - _HALF) / (shares[last - 1] - shares[last])
    load = np.exp(np.log(below) + place * np.log(above / below))
    return Crossing(float(load), float(below), float(above))
