"""Barriers between networks: by how much loss and error on the straight line between two networks exceed those of its
ends, as the networks stand and after one is replaced by its copy nearest to the other.

Networks without a barrier are linearly connected (Frankle et al. 2020); whether they are so up to copies was asked by
Entezari et al. (2022) and answered for interchanges by weight matching (Ainsworth, Hayase & Srinivasa 2023). Here the
group is the whole equioutput group: signs of odd units and scales of rectified ones as well.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Integer, Real
from scipy.special import logsumexp

from weightspace.draws import generator
from weightspace.estimates import estimates_by, jackknife
from weightspace.logs import progress
from weightspace.networks.gradient_steps import loss_of, targets_of, train
from weightspace.networks.weight_layers import Layer, Layers, hidden_widths, logits, random_layers
from weightspace.symmetry.alignment import align, distance
from weightspace.symmetry.equioutput_group import apply, symmetry_of, transformations

Rows = list[dict[str, Any]]
Values = Float[np.ndarray, "2"]
# Loss and error of a network on images that are fixed beforehand.
Measure = Callable[[Layers], Values]

STANDING, ALONE, LEAST = "none", "interchanges", "least_barrier"
SETTING = ("weights", "hidden", "training")
QUANTITIES = ("loss_barrier", "error_barrier", "distance")


def between(first: Layers, second: Layers, share: float) -> list[Layer]:
    """The point of the straight line that lies ``share`` of the way from the first network to the second."""
    return [
        ((1 - share) * weights + share * others, (1 - share) * biases + share * more)
        for (weights, biases), (others, more) in zip(first, second, strict=True)
    ]


def barrier(first: Layers, second: Layers, measure: Measure, *, points: int) -> Values:
    """Loss and error barrier: the largest excess, over ``points`` points that part the straight line evenly and over
    its ends, of the value there above the straight line between the values at the ends (Entezari et al. 2022, eq. 1).

    None is negative, since nothing exceeds itself at an end. Few points give a lower bound.
    """
    ends = measure(first), measure(second)
    shares = [number / (points + 1) for number in range(1, points + 1)]
    excess = [measure(between(first, second, share)) - (1 - share) * ends[0] - share * ends[1] for share in shares]
    return np.maximum(0.0, np.max(excess, axis=0))


def loss_and_error(logits: Float[np.ndarray, "B C"], labels: Integer[np.ndarray, " B"], loss: str) -> Values:
    """The loss that a network was trained with, one of `LOSSES`, and the share of images that it answers wrongly."""
    return np.array([LOSSES[loss](logits.astype(np.float64), labels), (logits.argmax(axis=1) != labels).mean()])


# As those of `training.LOSSES`, without PyTorch, which tables do not need; a test compares them.
LOSSES: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "rms": lambda logits, labels: loss_of(logits, targets_of(labels, logits.shape[1])),
    "mse": lambda logits, labels: loss_of(logits, targets_of(labels, logits.shape[1])) ** 2,
    "cross_entropy": lambda logits, labels: (logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean(),
}


def ways(activation: str | None) -> tuple[str, ...]:
    """What is done to one network of a pair, by activation: nothing, interchanges, and all that the group allows; of an
    activation that is not known, None, interchanges at most.
    """
    return (STANDING, ALONE) if activation is None else (STANDING, ALONE, symmetry_of(activation))


def measure_pairs(
    networks: Sequence[Layers], measure: Measure, *, activation: str | None, points: int, enumerated: bool = False
) -> Rows:
    """Barriers and distances between each two networks, the second as it stands and as its copy nearest to the first.

    Args:
        activation: of all hidden units.
        points: as in `barrier`.
        enumerated: whether the copy of the least loss barrier is looked for as well, among all copies; for odd units.

    Returns:
        first and second, positions of the networks, transformation, and `QUANTITIES`; distances in units of weights.
    """
    rows: Rows = []
    for (i, first), (j, second) in combinations(enumerate(networks), 2):
        copies = {
            way: second if way == STANDING else apply(align(first, second, kind=way).transformation, second)
            for way in ways(activation)
        }
        if enumerated:
            copies[LEAST] = least_barrier(first, second, measure, points=points)
        for way, copy in copies.items():
            loss, error = barrier(first, copy, measure, points=points)
            found = {"loss_barrier": loss, "error_barrier": error, "distance": distance(first, copy)}
            rows.append({"first": i, "second": j, "transformation": way, **found})
    return rows


def least_barrier(first: Layers, second: Layers, measure: Measure, *, points: int) -> list[Layer]:
    """The copy of ``second``, of all under interchanges and flips, with the least loss barrier to ``first``.

    All copies are visited at the middle of the line. Whole lines are followed in the order of their excess there, until
    it is no less than the least barrier so far: the middle is one of the points, so no copy left has less.

    Raises:
        ValueError: ``points`` is even, so that the middle is none of them.
    """
    if points % 2 == 0:
        raise ValueError(f"points is {points}; allowed: odd numbers, so that the middle of the line is one of them")
    copies = [apply(element, second) for element in transformations(hidden_widths(second))]
    excess = np.array([measure(between(first, copy, 0.5))[0] for copy in copies])
    excess -= (measure(first)[0] + measure(second)[0]) / 2
    best, least = copies[0], np.inf
    for place in excess.argsort(kind="stable"):
        if excess[place] >= least:
            break
        value = barrier(first, copies[place], measure, points=points)[0]
        if value < least:
            best, least = copies[place], value
    return best


def measure_networks(
    networks: Sequence[Any], images: Real[np.ndarray, "B N"], labels: Integer[np.ndarray, " B"], *, points: int
) -> Rows:
    """`measure_pairs` of trained networks of one feed-forward architecture.

    Args:
        networks: `torch_classifier.TorchClassifier` with ``layers`` and ``logits_with``, of one definition.
        images: as the networks take them.
    """
    definition = networks[0].description["definition"]
    inputs = np.asarray(images, dtype=np.float32)

    def measure(layers: Layers) -> Values:
        return loss_and_error(networks[0].logits_with(layers, inputs), labels, definition["loss"])

    activation = definition.get("activation", "relu")
    of_all = [network.layers() for network in networks]
    hidden = sum(hidden_widths(of_all[0]))
    rows = measure_pairs(of_all, measure, activation=activation, points=points)
    return [{"hidden": hidden, "training": "whole", **row} for row in rows]


def seen_through(
    networks: Sequence[Layers], inputs: Float[np.ndarray, "B N"]
) -> tuple[list[list[Layer]], Float[np.ndarray, "B K"]]:
    """The same networks on fewer inputs: both in an orthonormal basis of what the networks' first layers see.

    No other direction of an input reaches any of them, nor any point between two of them. Fields, and so answers and
    barriers, and distances are the same.
    """
    basis, _ = np.linalg.qr(np.concatenate([layers[0][0] for layers in networks]).T)
    fewer = [[(layers[0][0] @ basis, layers[0][1]), *layers[1:]] for layers in networks]
    return fewer, inputs @ basis


def measure_small(
    images: Float[np.ndarray, "n N"],
    targets: Float[np.ndarray, "n C"],
    tests: tuple[Real[np.ndarray, "B N"], Integer[np.ndarray, " B"]],
    *,
    widths: Sequence[int],
    steps: Sequence[int],
    seeds: int,
    enumerated: int,
    points: int,
    batch_size: int,
    learning_rate: float,
) -> Rows:
    """`measure_pairs` of networks with one hidden layer of tanh units, by width and by the length of their training.

    Args:
        images, targets: what they learn, targets of ±1.
        tests: on which loss and error are taken.
        steps: of gradient descent, after each of which a network is measured.
        enumerated: hidden units up to which the copy of the least barrier is found among all 2^H · H! copies.
        batch_size, learning_rate: as of `gradient_steps.train`.
    """
    rows: Rows = []
    options: dict[str, Any] = {"batch_size": min(batch_size, len(images)), "learning_rate": learning_rate}
    for width in progress(widths, what="widths"):
        networks = []
        for seed in range(seeds):
            drawn = generator(seed, "barriers by width", width)
            networks.append(random_layers((images.shape[1], width, targets.shape[1]), generator=drawn))
        for before, after in pairwise((0, *sorted(steps))):
            for seed, layers in enumerate(networks):
                drawn = generator(seed, "barriers, batches", width, after)
                train(layers, images, targets, steps=after - before, **options, generator=drawn)
            members, inputs = seen_through(networks, tests[0]) if width <= enumerated else (networks, tests[0])
            measure = partial(_values, inputs=inputs, labels=tests[1])
            found = measure_pairs(members, measure, activation="tanh", points=points, enumerated=width <= enumerated)
            head = {"weights": "trained_by_width", "hidden": width, "training": f"{after} steps"}
            rows += [{**head, **row} for row in found]
    return rows


def _values(layers, *, inputs, labels):
    return loss_and_error(logits(layers, inputs), labels, "rms")


def summarise(pairs: pd.DataFrame) -> pd.DataFrame:
    """The table `barriers`: means over pairs of networks, each pair's seeds being two of those that are left out one at
    a time.

    Args:
        pairs: rows of `measure_pairs` with the columns weights, hidden and training; first and second are seeds.

    Returns:
        a row for each setting and quantity: the mean, and, with the transformation that it is ``compared_with``, the
        mean of the paired differences, each transformation less the one before it.
    """
    return estimates_by(SETTING, pairs, _rows_of_setting)


def _rows_of_setting(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
    seeds = np.union1d(group["first"], group["second"])
    of_way = {way: rows.set_index(["first", "second"]) for way, rows in group.groupby("transformation", sort=False)}
    for way, rows in of_way.items():
        for quantity in QUANTITIES:
            head = {"transformation": way, "compared_with": "nothing", "quantity": quantity}
            bounds = (0.0, 1.0 if quantity == "error_barrier" else np.inf)
            yield head | over_pairs(rows[quantity], seeds, bounds=bounds)
    for before, way in pairwise(of_way):
        for quantity in QUANTITIES:
            head = {"transformation": way, "compared_with": before, "quantity": quantity}
            reach = 1.0 if quantity == "error_barrier" else np.inf
            change = of_way[way][quantity] - of_way[before][quantity]
            yield head | over_pairs(change, seeds, bounds=(-reach, reach))


def over_pairs(values: pd.Series, seeds: Integer[np.ndarray, " S"], *, bounds: tuple[float, float]) -> dict[str, Any]:
    """Mean over pairs of seeds, ``values`` indexed by (first, second), with the jackknife's interval over seeds; n
    counts pairs.
    """
    first, second = (values.index.get_level_values(level).to_numpy() for level in (0, 1))
    numbers = values.to_numpy()

    def mean(kept: np.ndarray) -> float:
        return float(numbers[np.isin(first, kept) & np.isin(second, kept)].mean())

    return {**jackknife(mean, seeds, bounds=bounds), "n": len(values)}
