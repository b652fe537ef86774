"""The class of weights along great circles through trained ones: exact, generalised or neither, by angle and by loss
(figure 7 of the paper).

A circle turns every layer, weights and biases together, on its own sphere: ``w(θ) = cos θ w + sin θ v``, v a random
direction at a right angle to w and as long. At 180° all weights have changed sign, which for one hidden layer of odd
units is, but for the output biases, a copy of the start (docs/weight_volume.md): so a quarter of the circle leads away,
and the half comes back.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise, product
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Integer, Shaped

from weightspace.data.patterns import Patterns
from weightspace.draws import balanced_order
from weightspace.draws import generator as seeded
from weightspace.estimates import mean_over_seeds, share_of_seeds, share_over_seeds
from weightspace.networks.gradient_steps import loss_of, targets_of, train
from weightspace.networks.weight_layers import Layers, random_layers
from weightspace.weight_space import CLASSES

Joined = Sequence[Float[np.ndarray, "_ _"]]  # each layer as one matrix (units, inputs + 1), the biases last
Labelled = tuple[Shaped[np.ndarray, "_ _"], Integer[np.ndarray, "_"]]  # patterns (P, N) and labels (P,)

_TRIED = 3  # networks trained for each that is wanted, at most
_LONGER = (1, 4, 16)  # times as many steps, one after the other
ARCS = {"quarter": 90.0, "half": 180.0}
ORDERED = (0, 1, 2)  # exact, generalised, neither


def joined(layers: Layers) -> Joined:
    """The layers, each as one matrix."""
    return [np.hstack([weights, biases[:, None]]) for weights, biases in layers]


def tangent(matrix: Float[np.ndarray, "a b"], generator: np.random.Generator) -> Float[np.ndarray, "a b"]:
    """A random direction at a right angle to ``matrix`` and of its length, uniform."""
    direction = generator.standard_normal(matrix.shape)
    direction -= matrix * (direction * matrix).sum() / np.square(matrix).sum()
    return direction * np.linalg.norm(matrix) / np.linalg.norm(direction)


def mix(
    first: Joined,
    second: Joined,
    patterns: Float[np.ndarray, "B N"],
    places: Iterable[Sequence[float] | Float[np.ndarray, "2"]],
) -> Iterator[Float[np.ndarray, "B C"]]:
    """Logits of weights ``c · first + s · second``, layer by layer, for each (c, s) of ``places``.

    The hidden fields are linear in the place, so they cost two matrix products however many places there are.
    """
    inputs = np.hstack([patterns, np.ones((len(patterns), 1))])
    fields = [inputs @ layer[0].T for layer in (first, second)]
    for cosine, sine in places:
        units = np.tanh(cosine * fields[0] + sine * fields[1])
        outer = cosine * first[1] + sine * second[1]
        yield units @ outer[:, :-1].T + outer[:, -1]


def classify(
    outputs: Float[np.ndarray, "n C"], labels: Integer[np.ndarray, "n"], others: int, *, threshold: float
) -> int:
    """The place in `CLASSES` of weights whose logits on the first ``others`` patterns decide exactness, and on the rest
    generalisation.
    """
    right = outputs.argmax(axis=1) == labels
    return 0 if right[:others].all() else 1 if right[others:].mean() >= threshold else 2


def follow_circle(
    layers: Layers,
    training: Labelled,
    held_out: Labelled,
    *,
    degrees: Float[np.ndarray, "n"],
    threshold: float,
    generator: np.random.Generator,
    exchanged: Integer[np.ndarray, "_"] | None = None,
) -> tuple[Float[np.ndarray, "n"], Integer[np.ndarray, "n 2"]]:
    """Loss on the training patterns at each of ``degrees`` along one random great circle, and the class, as it is and
    as it is judged when images change places between both sets.

    Args:
        layers: of a network of one hidden layer.
        exchanged: an order of all patterns, the training ones before the held-out ones; the first so many are then
            the training set by which classes are judged. By default they stay where they are.
    """
    start = joined(layers)
    sideways = [tangent(matrix, generator) for matrix in start]
    radians = np.radians(degrees)
    places = np.stack([np.cos(radians), np.sin(radians)], axis=1)
    return _measure(start, sideways, places, training, held_out, threshold, exchanged)


def _measure(
    first: Joined,
    second: Joined,
    places: Float[np.ndarray, "n 2"],
    training: Labelled,
    held_out: Labelled,
    threshold: float,
    exchanged: Integer[np.ndarray, "_"] | None = None,
) -> tuple[Float[np.ndarray, "n"], Integer[np.ndarray, "n 2"]]:
    patterns, labels = (np.concatenate(pair) for pair in zip(training, held_out, strict=True))
    targets, count = targets_of(training[1], len(first[-1])), len(training[1])
    order = np.arange(len(labels)) if exchanged is None else exchanged
    losses, classes = np.empty(len(places)), np.empty((len(places), 2), dtype=np.int64)
    for place, outputs in enumerate(mix(first, second, patterns.astype(float), places)):
        losses[place] = loss_of(outputs[:count], targets)
        classes[place, 0] = classify(outputs, labels, count, threshold=threshold)
        classes[place, 1] = classify(outputs[order], labels[order], count, threshold=threshold)
    return losses, classes


def map_sphere(
    layers: Layers,
    training: Labelled,
    held_out: Labelled,
    *,
    points: int,
    threshold: float,
    generator: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Loss and class over a sphere of two dimensions through trained weights: along all mixtures of two random
    directions at right angles to them.

    Returns:
        ``angle`` and ``azimuth`` in degrees, ``loss`` and ``kind``, both indexed [azimuth, angle].
    """
    start = joined(layers)
    first = [tangent(matrix, generator) for matrix in start]
    second = [tangent(matrix, generator) for matrix in start]
    for one, matrix in zip(second, first, strict=True):  # at a right angle to the first as well
        one -= matrix * (one * matrix).sum() / np.square(matrix).sum()
        one *= np.linalg.norm(matrix) / np.linalg.norm(one)
    angle, azimuth = np.linspace(0, 180, points), np.linspace(0, 360, 2 * points, endpoint=False)
    places, losses, kinds = np.radians(angle), [], []
    for turn in np.radians(azimuth):
        sideways = [np.cos(turn) * a + np.sin(turn) * b for a, b in zip(first, second, strict=True)]
        loss, kind = _measure(
            start, sideways, np.stack([np.cos(places), np.sin(places)], axis=1), training, held_out, threshold
        )
        losses.append(loss)
        kinds.append(kind[:, 0])
    return {"angle": angle, "azimuth": azimuth, "loss": np.array(losses), "kind": np.array(kinds, dtype=np.int8)}


def measure_circles(
    data: Patterns,
    *,
    hidden: int,
    patterns: int,
    held_out: int,
    threshold: float,
    training: dict[str, Any],
    circles: int,
    points: int,
    map_points: int,
    seeds: int,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Train a network N-``hidden``-C on ``patterns`` images for each seed and follow ``circles`` half circles of
    ``points`` angles through it.

    A network that still errs on its training patterns is no exact one to start from: the next seed takes its place, up
    to `_TRIED` times as many. Where these are not enough, as with many classes, the others are trained longer.

    Args:
        training: ``steps``, ``batch_size`` and ``learning_rate``.

    Returns:
        rows seed, circle, degrees, loss, kind (place in `CLASSES`) and exchanged (the kind after images changed places
        at random between training and held-out set, drawn anew for each circle), and the map of one sphere through the
        first seed's network with ``map_points`` angles, as of `map_sphere`.

    Raises:
        ValueError: too few networks learnt their patterns.
    """
    rows: list[pd.DataFrame] = []
    sphere: dict[str, np.ndarray] = {}
    degrees = np.linspace(0, 180, points)
    followed: set[int] = set()
    for longer, seed in product(_LONGER, range(_TRIED * seeds)):
        if len(followed) == seeds:
            break
        if seed in followed:
            continue
        order = balanced_order(data.train_labels, generator=seeded(seed, "great circle patterns"))[
            : patterns + held_out
        ]
        images, labels = data.train(order).astype(float), data.train_labels[order]
        learnt, held = (images[:patterns], labels[:patterns]), (images[patterns:], labels[patterns:])
        layers = random_layers((data.size, hidden, data.classes), generator=seeded(seed, "great circle start"))
        targets, drawn = targets_of(learnt[1], data.classes), seeded(seed, "great circle batches")
        if train(layers, learnt[0], targets, **training | {"steps": longer * training["steps"]}, generator=drawn):
            continue
        followed.add(seed)
        for circle in range(circles):
            drawn, exchanged = (seeded(seed, purpose, circle) for purpose in ("great circle", "exchanged images"))
            options: dict[str, Any] = {"exchanged": exchanged.permutation(len(order)), "generator": drawn}
            loss, kind = follow_circle(layers, learnt, held, degrees=degrees, threshold=threshold, **options)
            found = {"degrees": degrees, "loss": loss, "kind": kind[:, 0], "exchanged": kind[:, 1]}
            rows.append(pd.DataFrame({"seed": seed, "circle": circle, **found}))
        if not sphere:
            drawn = seeded(seed, "great circle map")
            sphere = map_sphere(layers, learnt, held, points=map_points, threshold=threshold, generator=drawn)
            numbers = {"seed": seed, "patterns": patterns, "held_out": held_out}
            sphere |= {name: np.array(value) for name, value in numbers.items()} | {"threshold": np.array(threshold)}
    if len(followed) < seeds:
        reached = (
            f"{len(followed)} of {_TRIED * seeds} networks learnt their {patterns} patterns without error,"
            f" {seeds} are wanted"
        )
        raise ValueError(f"weight_space.loss_levels: {reached}; allow more steps or hidden units")
    return pd.concat(rows, ignore_index=True), sphere


def sequence(classes: Iterable[int]) -> tuple[int, ...]:
    """The classes that are met, each run of equal ones once."""
    return tuple(key for key, _ in groupby(classes))


def summarise(points: pd.DataFrame, *, bins: int) -> pd.DataFrame:
    """The table `loss_levels` from the rows of `measure_circles`, over seeds, one trained network each.

    ``ordered``: share of circles that pass exact → generalised → neither without return, by arc. ``most_ordered``:
    share of networks of whose circles more than half do. ``ordered_with_exchanged_images``: the same circles, with
    images exchanged at random between training and held-out set before classes are judged. ``sequence ...``: shares of
    the others. ``share``: of all circles in each class, by angle. ``loss``: mean by angle. ``share_by_loss``:
    class among all points of a loss between two edges.
    """
    rows: list[dict[str, Any]] = []
    for arc, reach in ARCS.items():
        circles = points[points.degrees <= reach].sort_values("degrees", kind="stable").groupby(["seed", "circle"])
        rows += _sequence_rows(arc, circles.kind.apply(sequence))
        exchanged = _ordered(circles.exchanged.apply(sequence))
        row = {"arc": arc, "quantity": "ordered_with_exchanged_images", "class": "all"}
        rows.append({**row, **vars(share_over_seeds(exchanged.sum(), exchanged.size()))})
    for degrees, group in points.groupby("degrees"):
        head = {"arc": "half", "degrees": degrees}
        rows += [
            {**head, "quantity": "share", "class": name, **_share(group, index)} for index, name in enumerate(CLASSES)
        ]
        loss = mean_over_seeds(group.groupby("seed").loss.mean(), n=len(group), bounds=(0.0, 2.0))
        rows.append({**head, "quantity": "loss", "class": "all", **vars(loss)})
    edges = np.linspace(0, points.loss.max() * (1 + 1e-9), bins + 1)
    for low, high in pairwise(edges):
        group = points[(points.loss >= low) & (points.loss < high)]
        head = {"arc": "half", "loss_from": low, "loss_to": high, "quantity": "share_by_loss"}
        rows += [{**head, "class": name, **_share(group, index)} for index, name in enumerate(CLASSES)]
    return pd.DataFrame(rows)


def _sequence_rows(arc: str, paths: pd.Series) -> Iterator[dict[str, Any]]:
    seen = [ORDERED, *sorted(set(paths) - {ORDERED}, key=lambda path: (-(paths == path).sum(), path))]
    total = paths.groupby("seed").size()
    for path in seen[:6]:
        hits = (paths.apply(lambda found, path=path: found == path)).groupby("seed").sum()
        name = "ordered" if path == ORDERED else "sequence " + " ".join(CLASSES[index][0] for index in path[:12])
        yield {"arc": arc, "quantity": name, "class": "all", **vars(share_over_seeds(hits, total))}
    most = share_of_seeds(_ordered(paths).mean() > 0.5)
    yield {"arc": arc, "quantity": "most_ordered", "class": "all", **vars(most)}


def _ordered(paths: pd.Series) -> Any:
    """Whether each circle is ordered, grouped by seed."""
    return paths.apply(lambda found: found == ORDERED).groupby("seed")


def _share(group: pd.DataFrame, index: int) -> dict[str, Any]:
    hits = (group.kind == index).groupby(group.seed)
    return vars(share_over_seeds(hits.sum(), hits.size()))
