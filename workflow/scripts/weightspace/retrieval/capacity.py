"""How many patterns a learning rule holds: fixed points, stable bits, retrieval and exact recovery by number of stored
patterns.
"""

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from weightspace.data.hypercube import flip_bits, random_patterns
from weightspace.draws import generator, stored_images, stored_random_patterns
from weightspace.memories import learning_rules
from weightspace.retrieval.crossing import find_crossing

# What tells whether a pattern is held; the others are a finer measure, and a control.
HELD = ("fixed_points", "retrieved", "recovered")
# Once fewer than this share of all probed patterns passes any test, larger loads are left out.
_EXHAUSTED = 0.02


def random_draws(most, neurons, *, seeds):
    """For each seed a function ``draw(count)`` that gives the first ``count`` of ``most`` random patterns, and a
    Generator for the rest.
    """
    return [
        _draw(random_patterns(most, neurons, generator=stored_random_patterns(seed)), seed) for seed in range(seeds)
    ]


def image_draws(data, most, *, seeds):
    """The same of training images of ``data`` (`patterns.Patterns`), in the order in which the memories of the seed
    store them.
    """
    orders = [stored_images(data.train_labels, seed)[:most] for seed in range(seeds)]
    return [_draw(data.train(order), seed) for seed, order in enumerate(orders)]


def _draw(patterns, seed):
    return lambda count: (patterns[:count], generator(seed, "capacity", count))


def measure_rule(definition, draws, counts, *, flipped, probes, overlap, refinements):
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
        DataFrame with the columns seed, stored, refined (not one of ``counts``), quantity, flipped, hits, n.
    """

    def measure(seed, stored, refined):
        patterns, drawn = draws[seed](stored)
        memory = _train(patterns, definition, drawn)
        return probe(memory, flipped=flipped, probes=probes, overlap=overlap, generator=drawn).assign(
            seed=seed, stored=stored, refined=refined
        )

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


def _train(patterns, definition, drawn):
    nobody = np.arange(len(patterns))  # random patterns have no classes; labels and positions play no part here
    return learning_rules.train(patterns, nobody, nobody, definition, generator=drawn).memory


def _middles(measured):
    """Numbers of patterns in the middle of the gaps in which the shares of one seed fall through one half."""
    middles = set()
    for _, rows in measured[measured.quantity.isin(HELD)].groupby(["quantity", "flipped"]):
        found = find_crossing(rows.stored, rows.hits, rows.n)
        if not math.isnan(found.load):
            middles.add(round(math.sqrt(found.below * found.above)))
    return middles - set(measured.stored)


def synchronous_step(memory, states):
    """All neurons updated at once, once: the next states (B, N) of the synchronous rule."""
    return replace(memory, sweeps=1).recall(states, order="synchronous").states


def probe(memory, *, flipped, probes, overlap, generator):
    """Count, among the first ``probes`` stored patterns, fixed points, stable bits, retrieved and recovered patterns.

    ``fixed_points``: no bit changes. ``stable_bits``: bits that do not change in one synchronous step. ``retrieved``:
    recall from the pattern ends with at least the given overlap (with errors, as in Amit et al. 1985). ``recovered``:
    recall from the pattern with a share ``flipped`` of its bits flipped ends in the pattern itself, to the last bit.
    ``strangers``: of as many random patterns that were never stored, those that are fixed points. Where most of them
    are, the memory keeps whatever it is shown, and none of the stored patterns counts.

    Returns: DataFrame with the columns quantity, flipped, hits, n.
    """
    patterns = memory.patterns[:probes]
    number, size = patterns.shape
    held = memory.recall(patterns)
    strangers = int((memory.recall(random_patterns(number, size, generator=generator)).flips == 0).sum())
    tells = 2 * strangers <= number
    rows = [
        ("fixed_points", 0.0, tells * (held.flips == 0).sum(), number),
        ("stable_bits", 0.0, tells * (synchronous_step(memory, patterns) == patterns).sum(), number * size),
        (
            "retrieved",
            0.0,
            tells * ((held.states * patterns).sum(axis=1, dtype=np.int64) >= overlap * size).sum(),
            number,
        ),
        ("strangers", 0.0, strangers, number),
    ]
    for share in flipped:
        recalled = memory.recall(flip_bits(patterns, round(share * size), generator=generator))
        rows.append(("recovered", share, (recalled.settled & (recalled.states == patterns).all(axis=1)).sum(), number))
    return pd.DataFrame(rows, columns=["quantity", "flipped", "hits", "n"])
