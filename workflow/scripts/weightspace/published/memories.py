"""Published numbers of memories of random patterns, each measured by recall."""

from collections.abc import Mapping
from functools import partial
from math import log, sqrt
from typing import Any

import numpy as np

from weightspace.data.hypercube import random_patterns
from weightspace.draws import generator
from weightspace.estimates import mean_over_seeds, share_over_seeds
from weightspace.memories.dense import power_memory
from weightspace.memories.learning_rules import train_unlabelled
from weightspace.published.quantities import Quantities, share
from weightspace.retrieval.capacity_tables import literature
from weightspace.retrieval.mean_field import extrapolated
from weightspace.retrieval.overlaps import overlaps_after_recall, retrieved_overlap
from weightspace.retrieval.random_starts import ends_in, half_load
from weightspace.weight_space.dichotomies import is_separable

_NEURONS = 100  # of Krotov & Hopfield's examples, and of the projection here
_LOADS = (0.05, 0.1, 0.13)  # of Amit, Gutfreund & Sompolinsky's curve


def _dense(exponent):
    return {"rule": "dense", "energy": "polynomial", "exponent": exponent}


def random_starts(settings: Mapping[str, Any]) -> Quantities:
    """From so many random ``starts``, the share from which recall ends in one of ``memories`` random patterns, by the
    energy's power; of even powers complements count as well, since they have the same energy.
    """
    drawn = generator(0, "published random starts")
    patterns, starts = (random_patterns(settings[key], _NEURONS, generator=drawn) for key in ("memories", "starts"))
    found = {}
    for n in (2, 3, 4, 5, 6):
        kept = np.concatenate([patterns, -patterns]) if n % 2 == 0 else patterns
        found[f"power_{n}"] = share(ends_in(power_memory(patterns, n), kept, starts).sum(), len(starts))
    rectified = train_unlabelled(patterns, _dense(5), generator=None)
    return found | {"rectified_5": share(ends_in(rectified, patterns, starts).sum(), len(starts))}


def half_capacity(settings: Mapping[str, Any]) -> Quantities:
    """The number of memories at which recall from half of the random ``starts`` ends in one, for n = 3, over its
    formula, over ``draws``.
    """
    formula = _NEURONS * literature(_dense(3), _NEURONS)[0].load
    makes = {"power_3": partial(power_memory, exponent=3), "rectified_3": partial(_trained, definition=_dense(3))}
    ratios: dict[str, list[float]] = {name: [] for name in makes}
    for draw in range(settings["draws"]):
        drawn = generator(draw, "published half capacity")
        patterns = random_patterns(round(4 * formula), _NEURONS, generator=drawn)
        starts = random_patterns(settings["starts"], _NEURONS, generator=drawn)
        for name, make in makes.items():
            ratios[name].append(half_load(make, patterns, starts) / formula)
    n = settings["draws"] * settings["starts"]
    return {name: mean_over_seeds(values, n=n, bounds=(0.0, np.inf)) for name, values in ratios.items()}


def _trained(patterns, definition):
    return train_unlabelled(patterns, definition, generator=None)


def hebbian_overlap(settings: Mapping[str, Any]) -> Quantities:
    """The overlap after Hebbian recall at some loads, a straight line in 1/N through all numbers of ``neurons`` of each
    of the ``draws``, at its end.
    """
    sizes, found = np.asarray(settings["neurons"], dtype=float), {}
    for load in _LOADS:
        ends, n = [], 0
        for draw in range(settings["draws"]):
            values = []
            for neurons in settings["neurons"]:
                drawn = generator(draw, "published overlap", neurons, load)
                overlaps = overlaps_after_recall(neurons, load, probes=settings["probes"], generator=drawn)
                values.append(retrieved_overlap(overlaps))
                n += len(overlaps)
            known = np.isfinite(values)
            ends.append(extrapolated(sizes[known], np.asarray(values)[known]))
        found[f"load_{load:g}"] = mean_over_seeds(ends, n=n)
    return found


def stored_patterns(settings: Mapping[str, Any]) -> Quantities:
    """What the quadratic rules hold of random patterns at the numbers that are said of them, of so many ``neurons``;
    Storkey's rule, which is slow, of half as many.
    """
    neurons, draws = settings["neurons"], settings["draws"]
    all_of, nearly_all = (int(neurons / (factor * log(neurons))) for factor in (4, 2))
    whole = [_fixed(all_of, neurons, {"rule": "hebbian"}, draw).all() for draw in range(draws)]
    single = [_fixed(nearly_all, neurons, {"rule": "hebbian"}, draw) for draw in range(draws)]
    half = neurons // 2  # Storkey's rule takes one pattern after the other
    storkey = [_fixed(int(half / sqrt(2 * log(half))), half, {"rule": "storkey"}, draw) for draw in range(draws)]
    projection = {"rule": "pseudo_inverse", "diagonal": True}
    spanning = [_fixed(_NEURONS, _NEURONS, projection, draw) for draw in range(draws)]
    return {
        "hebbian_all": share(sum(whole), draws),
        "hebbian_nearly_all": _share_over(single),
        "pseudo_inverse": _share_over(spanning),
        "storkey": _share_over(storkey),
    }


def _fixed(count, neurons, definition, draw):
    """Which of so many random patterns recall leaves as they are."""
    patterns = random_patterns(count, neurons, generator=generator(draw, "published patterns", count, neurons))
    return train_unlabelled(patterns, definition, generator=None).recall(patterns).flips == 0


def _share_over(draws):
    return share_over_seeds([fixed.sum() for fixed in draws], [len(fixed) for fixed in draws])


def dichotomies(settings: Mapping[str, Any]) -> Quantities:
    """The share of random labellings of 2N random points that weights can give, for so many ``weights`` N."""
    weights, separable = settings["weights"], 0
    for draw in range(settings["draws"]):
        drawn = generator(draw, "published dichotomies")
        points, labels = drawn.standard_normal((2 * weights, weights)), drawn.choice([-1, 1], 2 * weights)
        separable += is_separable(points, labels)
    return {"at_twice_the_weights": share(separable, settings["draws"])}
