"""Patterns by what they are to a network, as the paper divides the pattern space: P_t, P_g, and P_a + P_r (DESIGN §3),
class-balanced.

D is the training set, which the network has learnt from. P_t: images of D. P_g: patterns with 1 to r flipped bits that
the network gives the label of their nearest image. P_a: patterns as near, the bits chosen by the network's gradient,
that it gives another; for each two classes from the images nearest to the other. P_r: patterns farther than r bits from
every image of D, by any number of random flips up to half of all bits.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int8, Int64, Integer

from weightspace.data.hypercube import flip_bits
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import Patterns, pack
from weightspace.networks.weight_layers import Layers, logits

GROUPS = ("training", "generalised", "adversarial_and_irrelevant")
LABELLINGS = ("model", "nearest")
_KINDS = ("training", "generalised", "adversarial", "irrelevant")
APART = (*_KINDS, "changed_labels")
_PARTS = {
    "training": ("training",),
    "generalised": ("generalised",),
    "adversarial_and_irrelevant": ("adversarial", "irrelevant"),
}
_SCREENED = 8  # images looked through for each candidate
_ATTACKED = 4  # patterns attacked for each candidate: some classes are rarely the wrong answer


@dataclass(frozen=True)
class Pool:
    """Candidate patterns of one kind, with the network's labels and those of the nearest image."""

    patterns: Int8[np.ndarray, "n N"]
    model: Integer[np.ndarray, "n"]
    nearest: Integer[np.ndarray, "n"]


def flip_towards(
    layers: Layers, patterns: Int8[np.ndarray, "n N"], wanted: Integer[np.ndarray, "n"], flips: int
) -> Int8[np.ndarray, "n N"]:
    """Flip bits of patterns, one at a time, each where it raises the wanted class's logit most above the best
    other one, to first order.
    """
    states, rows = patterns.astype(np.float64), np.arange(len(patterns))
    for _ in range(flips):
        values = [states]
        for weights, biases in layers[:-1]:
            values.append(np.tanh(values[-1] @ weights.T + biases))
        last, biases = layers[-1]
        outputs = values[-1] @ last.T + biases
        done = outputs.argmax(axis=1) == wanted
        outputs[rows, wanted] = -np.inf
        back = last[wanted] - last[outputs.argmax(axis=1)]  # (n, H), the gradient of the lead
        for (weights, _), units in zip(layers[-2::-1], values[:0:-1], strict=True):
            back = (back * (1 - units**2)) @ weights
        best = (-2 * states * back).argmax(axis=1)
        states[rows[~done], best[~done]] *= -1
    return states.astype(np.int8)


def easiest_pairs(
    outputs: Float[np.ndarray, "n C"], labels: Integer[np.ndarray, "n"], count: int
) -> tuple[Int64[np.ndarray, "M"], Int64[np.ndarray, "M"]]:
    """For every two classes, the ``count`` images of the first whose logits are nearest to the second: rows and wanted
    classes.

    Images far from a boundary would leave the rarely wrong labels without patterns.
    """
    rows, wanted = [], []
    classes = np.arange(outputs.shape[1])
    for source in classes:
        members = np.flatnonzero(labels == source)
        for target in np.delete(classes, source):
            lead = outputs[members, target] - np.delete(outputs[members], target, axis=1).max(axis=1)
            rows.append(members[np.argsort(-lead, kind="stable")[:count]])
            wanted.append(np.full(len(rows[-1]), target))
    return np.concatenate(rows), np.concatenate(wanted)


def make_pools(
    layers: Layers,
    data: Patterns,
    search: ImageSearch,
    *,
    radius: int,
    candidates: int,
    generator: np.random.Generator,
) -> dict[str, Pool]:
    """Candidates of every kind for one fully connected tanh network.

    Args:
        search: among the training images.
        radius: r (bits).
        candidates: of each kind.
    """
    total = len(data.train_labels)
    chosen = {kind: generator.choice(total, candidates, replace=False) for kind in ("training", "generalised", "far")}
    near = data.train(chosen["generalised"])
    near = np.concatenate(
        [
            flip_bits(rows, 1 + number % radius, generator=generator)
            for number, rows in enumerate(np.array_split(near, 4 * radius))
        ]
    )
    screened = generator.choice(total, min(total, _SCREENED * candidates), replace=False)
    outputs = logits(layers, data.train(screened).astype(np.float64))
    pairs = data.classes * (data.classes - 1)
    rows, wanted = easiest_pairs(outputs, data.train_labels[screened], -(-_ATTACKED * candidates // pairs))
    attacked = flip_towards(layers, data.train(screened[rows]), wanted, radius)
    distances = generator.integers(radius + 1, data.size // 2 + 1, candidates)
    far = np.concatenate(
        [
            flip_bits(row[None], int(bits), generator=generator)
            for row, bits in zip(data.train(chosen["far"]), distances, strict=True)
        ]
    )
    found = {
        "training": data.train(chosen["training"]),
        "generalised": near,
        "adversarial": attacked,
        "irrelevant": far,
    }
    pools = {}
    for kind, patterns in found.items():
        distance, index = search.nearest(pack(patterns > 0))
        model, nearest = logits(layers, patterns.astype(np.float64)).argmax(axis=1), data.train_labels[index]
        right, inside = model == nearest, (distance > 0) & (distance <= radius)
        kept = {
            "training": distance == 0,
            "generalised": inside & right,
            "adversarial": inside & ~right,
            "irrelevant": distance > radius,
        }[kind]
        pools[kind] = Pool(patterns[kept], model[kept], nearest[kept])
    return pools


def balanced_groups(
    pools: Mapping[str, Pool], *, patterns: int, classes: int, generator: np.random.Generator
) -> dict[tuple[str, str], tuple[Int8[np.ndarray, "_ _"], Integer[np.ndarray, "_"]]]:
    """Equal numbers of patterns of every group and class, with their labels, by group and labelling.

    At most ``patterns`` in a group; fewer, and all groups alike, where a class has too few candidates. A class that
    has none, since the network hardly ever answers it, is left out.

    Raises:
        ValueError: not two classes have two candidates.
    """
    available = np.min(
        [
            np.bincount(getattr(pools[part], labelling), minlength=classes) * len(parts)
            for parts in _PARTS.values()
            for part in parts
            for labelling in LABELLINGS
        ],
        axis=0,
    )
    present = _with_two(available, pools)
    # Even, since the last group takes half from either part.
    each = int(min(patterns // len(present), available[present].min())) // 2 * 2
    groups = {}
    for group, parts in _PARTS.items():
        for labelling in LABELLINGS:
            taken = [_take(pools[part], labelling, each // len(parts), present, generator) for part in parts]
            chosen, labels = (np.concatenate(column) for column in zip(*taken, strict=True))
            groups[group, labelling] = chosen, labels
    return groups


def disjoint_draws(
    pools: Mapping[str, Pool], *, patterns: int, classes: int, generator: np.random.Generator
) -> dict[tuple[str, int], tuple[Int8[np.ndarray, "_ _"], Integer[np.ndarray, "_"]]]:
    """Two draws of each of the groups `APART` that share no pattern, with the labels of the model, by group and draw.

    As many patterns in all, equally many of each class, at most ``patterns``. ``changed_labels``, the control, are the
    training patterns of the draw with labels changed at random to others, as large a share as among adversarial
    patterns have another label than their nearest image.

    Raises:
        ValueError: not two classes have two candidates.
    """
    fewest = np.min([np.bincount(pools[kind].model, minlength=classes) for kind in _KINDS], axis=0)
    present = _with_two(fewest, pools)
    each = min(patterns // len(present), int(fewest[present].min()) // 2)
    found = {}
    for kind in _KINDS:
        both, labels = _take(pools[kind], "model", 2 * each, present, generator)
        half = np.arange(len(labels)) // each % 2  # within each class the first half and the second
        for draw in (0, 1):
            found[kind, draw] = both[half == draw], labels[half == draw]
    adversarial = pools["adversarial"]
    rate = float((adversarial.model != adversarial.nearest).mean())
    for draw in (0, 1):
        chosen, labels = found["training", draw]
        found["changed_labels", draw] = chosen, change_labels(labels, rate, classes=classes, generator=generator)
    return found


def _with_two(available: Int64[np.ndarray, "C"], pools: Mapping[str, Pool]) -> Int64[np.ndarray, "K"]:
    """The classes of which two patterns at least are ``available`` in every group."""
    present = np.flatnonzero(available >= 2)
    if len(present) < 2:
        counts = [len(pool.patterns) for pool in pools.values()]
        raise ValueError(
            f"{len(present)} of {len(available)} classes have two patterns of each group among {counts} candidates, and"
            " two are needed; allow more candidates, or train the network longer"
        )
    if len(present) < len(available):
        missing = np.setdiff1d(np.arange(len(available)), present)
        logging.warning("classes left out, of which some group has too few patterns: %s", ", ".join(map(str, missing)))
    return present


def change_labels(
    labels: Integer[np.ndarray, "n"], rate: float, *, classes: int, generator: np.random.Generator
) -> Integer[np.ndarray, "n"]:
    """Labels of which a share ``rate``, chosen at random, is changed to another class at random."""
    changed = labels.copy()
    places = generator.permutation(len(labels))[: round(rate * len(labels))]
    changed[places] = (changed[places] + generator.integers(1, classes, len(places))) % classes
    return changed


def _take(
    pool: Pool, labelling: str, each: int, classes: Int64[np.ndarray, "K"], generator: np.random.Generator
) -> tuple[Int8[np.ndarray, "n N"], Integer[np.ndarray, "n"]]:
    labels = getattr(pool, labelling)
    rows = np.concatenate([generator.permutation(np.flatnonzero(labels == value))[:each] for value in classes])
    return pool.patterns[rows], labels[rows]
