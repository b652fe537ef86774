"""How equal the outputs of equioutput copies are in floating point, how far apart the copies lie on their sphere, and
how near the nearest one is.

Hecht-Nielsen (1990); Musunuru et al., section II.C.1: sign flips and interchanges of hidden units leave the output
unchanged. The more copies a solution has, the nearer one of them should lie to any start: Hecht-Nielsen's munificence,
a minimum for everyone nearby.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Real
from scipy.special import softmax

from weightspace.estimates import Estimate, estimates_by, largest_of, mean_over_seeds, share_over_seeds
from weightspace.networks.gradient_steps import train_until_learnt
from weightspace.networks.weight_layers import Layer, Layers, hidden_widths, logits, norm, random_layers
from weightspace.symmetry import alignment, equioutput_group
from weightspace.symmetry.equioutput_group import Transformation
from weightspace.symmetry.rounding import rounding_error

Rows = list[dict[str, Any]]
# A function of layers and inputs (B, N), in one precision, that gives logits (B, C).
Answer = Callable[[Layers, Float[np.ndarray, "B N"]], Float[np.ndarray, "B C"]]

PRECISIONS = {"float32": np.float32, "float64": np.float64}
FUNCTIONS: dict[str | None, Callable[[np.ndarray], np.ndarray]] = {
    "tanh": np.tanh,
    "relu": lambda values: np.maximum(values, 0),
}
# What each loss makes of logits; the outputs that are compared.
OUTPUTS = {"rms": np.tanh, "mse": np.tanh, "cross_entropy": lambda logits: softmax(logits, axis=1)}
# Quantities whose value is a count of n, and those whose value is the largest of n cases; the others are means over
# seeds.
SHARES = ("answers_changed",)
LARGEST = ("output_deviation", "deviation_over_bound")
SMALL = (4, 3)  # inputs and outputs of the random networks
SHOWN = 10  # hidden units in the example
BEYOND = "angle_beyond_untrained"
SETTING = ("weights", "activation", "hidden", "transformation", "copies", "precision", "quantity")


def measure_copies(
    layers: Layers,
    copies: Iterable[Transformation],
    patterns: Real[np.ndarray, "B N"],
    *,
    activation: str | None = "tanh",
    answer: Answer | None = None,
    squash: Callable[[np.ndarray], np.ndarray] = np.tanh,
    bounded: bool = False,
) -> Rows:
    """Rows of output deviation and of geometry of copies of one network.

    Args:
        layers: taken to each precision of `PRECISIONS` before they are copied.
        copies: as many as are to be measured.
        patterns: inputs of ±1.
        answer: by default that of a fully connected network with this activation.
        squash: what makes outputs of logits.
        bounded: whether the change of each output is also measured in units of what rounding can make of it, twice
            `rounding.rounding_error`, once for the network and once for its copy. For tanh outputs of networks of
            tanh or rectified units, answered by default, and copies that round no weight, which scales do.

    Returns:
        precision, quantity, value, n: the largest difference of any output, which lies in -1 ... 1, and, of all cases,
        the largest ``deviation_over_bound``; how many answers, the output that is largest, are changed; angles
        (degrees) and distances (in lengths of the weight vector) from the network to its copies.
    """
    rows: Rows = []
    copies = list(copies)
    answer = answer or (lambda layers, inputs: logits(layers, inputs, activation=FUNCTIONS[activation]))
    for precision, kind in PRECISIONS.items():
        own = [(weights.astype(kind), biases.astype(kind)) for weights, biases in layers]
        inputs = patterns.astype(kind)
        before = answer(own, inputs)
        allowed = 2 * rounding_error(own, inputs, activation=FUNCTIONS[activation]) if bounded else np.inf
        found = {"output_deviation": 0.0, "answers_changed": 0} | ({"deviation_over_bound": 0.0} if bounded else {})
        for copy in copies:
            after = answer(equioutput_group.apply(copy, own), inputs)
            change = np.abs(squash(after).astype(np.float64) - squash(before))
            found["output_deviation"] = max(found["output_deviation"], float(change.max()))
            found["answers_changed"] += int((after.argmax(axis=1) != before.argmax(axis=1)).sum())
            if bounded:
                found["deviation_over_bound"] = max(found["deviation_over_bound"], float((change / allowed).max()))
        n = len(copies) * len(inputs)
        rows += [{"precision": precision, "quantity": name, "value": value, "n": n} for name, value in found.items()]
    return rows + (measure_geometry(layers, copies) if activation == "tanh" else [])


def measure_geometry(layers: Layers, copies: Iterable[Transformation]) -> Rows:
    """Rows of the angles and distances from a network to its copies other than itself, and to the nearest of all its
    copies.

    Since the group is one of rotations and reflections, these are also the angles and distances between any two copies.
    """
    moved = [copy for copy in copies if copy != equioutput_group.identity(copy.widths)]
    angles = angles_of_copies(layers, moved)
    nearest = alignment.nearest_other_copy(layers) / norm(layers)
    found = {
        "angle_mean": angles.mean(),
        "angle_of_nearest_copy": alignment.angle_of_chord(nearest, 1),
        "distance_mean": 2 * np.sin(np.radians(angles) / 2).mean(),
        "distance_of_nearest_copy": nearest,
    }
    return [
        {"precision": "float64", "quantity": quantity, "value": float(value), "n": len(moved)}
        for quantity, value in found.items()
    ]


def angles_of_copies(layers: Layers, copies: Iterable[Transformation]) -> Float[np.ndarray, "n"]:
    """Angles in degrees from a network to copies of it."""
    radius = norm(layers)
    distances = np.array([alignment.distance(layers, equioutput_group.apply(copy, layers)) for copy in copies])
    return np.asarray(alignment.angle_of_chord(distances, radius))


def _setting(weights: str, activation: str, hidden: int, transformation: str, copies: str) -> dict[str, Any]:
    return dict(zip(SETTING, (weights, activation, hidden, transformation, copies), strict=False))


def measure_small(*, largest: int, patterns: int, generator: np.random.Generator) -> Rows:
    """All copies of random networks with 1 to ``largest`` hidden units, and controls: what is no symmetry of the
    activation shows as a deviation.
    """
    inputs, outputs = SMALL
    drawn = generator.choice([-1.0, 1.0], size=(patterns, inputs))
    rows: Rows = []
    for units in range(1, largest + 1):
        layers = random_layers((inputs, units, outputs), generator=generator)
        setting = _setting("random", "tanh", units, "signs", "all")
        rows += [
            {**setting, **row}
            for row in measure_copies(layers, equioutput_group.transformations((units,)), drawn, bounded=True)
        ]
    for kind in ("interchanges", "scales", "signs"):
        copies = _draw((largest,), 100, kind, generator)
        setting = _setting("random", "relu", largest, kind, "drawn")
        options: dict[str, Any] = {"activation": "relu", "bounded": kind != "scales"}
        rows += [{**setting, **row} for row in measure_copies(layers, copies, drawn, **options)]
    return rows


def _draw(widths: Sequence[int], count: int, kind: str, generator: np.random.Generator) -> list[Transformation]:
    return [equioutput_group.random_transformation(widths, generator=generator, kind=kind) for _ in range(count)]


def measure_trained(
    layers: Layers, *, name: str, copies: int, patterns: Real[np.ndarray, "B N"], generator: np.random.Generator
) -> Rows:
    """``copies`` random copies of a trained network with odd activations, on ``patterns`` of ±1."""
    widths = hidden_widths(layers)
    setting = _setting(name, "tanh", sum(widths), "signs", "drawn")
    drawn = _draw(widths, copies, "signs", generator)
    return [{**setting, **row} for row in measure_copies(layers, drawn, patterns, bounded=True)]


def measure_network(
    network: Any, patterns: Real[np.ndarray, "B N"], *, name: str, copies: int, generator: np.random.Generator
) -> Rows:
    """Random copies of a trained network of any feed-forward architecture: interchanges for all, sign flips, and
    positive scales for rectified units.

    Flips of rectified units are a control, since they are no symmetry.

    Args:
        network: a `torch_classifier.TorchClassifier` with ``layers`` and ``logits_with``.
        patterns: ±1.
        copies: how many of each kind.
    """
    definition = network.description["definition"]
    layers, activation = network.layers(), definition.get("activation", "relu")
    widths = hidden_widths(layers)
    options = {"activation": activation, "answer": network.logits_with, "squash": OUTPUTS[definition["loss"]]}
    rows: Rows = []
    for kind in kinds_of_copies(activation):
        setting = _setting(name, activation or "unknown", sum(widths), kind, "drawn")
        drawn = _draw(widths, copies, kind, generator)
        rows += [{**setting, **row} for row in measure_copies(layers, drawn, patterns, **options)]
    return rows


def kinds_of_copies(activation: str | None) -> tuple[str, ...]:
    """Kinds of transformations that are tried on networks of an activation; of one that is not known, None,
    interchanges only.
    """
    if activation is None:
        return ("interchanges",)
    return ("signs",) if equioutput_group.symmetry_of(activation) == "signs" else ("interchanges", "scales", "signs")


def measure_nearest_copies(
    images: Float[np.ndarray, "n N"],
    targets: Float[np.ndarray, "n C"],
    *,
    widths: Sequence[int],
    generator: np.random.Generator,
    **training: Any,
) -> Rows:
    """Train one network of each width from a random start, and look from another random start at the solution and at
    its nearest copy.

    Args:
        targets: ±1.
        widths: numbers of hidden units; all else is equal, plain gradient descent included.
        training: arguments of `gradient_steps.train_until_learnt`.

    Returns:
        hidden, quantity, value, n. Angles in degrees: from the solution to its own start, to another start as it
        stands, and from that start to the nearest copy of the solution (exact) and, for comparison, of the solution's
        start, where nothing was learnt; ``angle_beyond_untrained``, the former less the angle to the nearest copy of
        the solution's start with each layer stretched to the length of the solution's, so that what differs is
        learnt; by how many degrees these change when the width doubles, by least squares; the share of images that the
        solution gets wrong.
    """
    rows: Rows = []
    angles: dict[str, list[float]] = {
        "angle_of_random_start": [],
        "angle_of_random_start_to_nearest_copy": [],
        "angle_of_random_starts_to_nearest_copy": [],
    }
    for width in widths:
        sizes = (images.shape[1], width, targets.shape[1])
        start, other = (random_layers(sizes, generator=generator) for _ in range(2))
        solution = [(weights.copy(), biases.copy()) for weights, biases in start]
        wrong = train_until_learnt(solution, images, targets, **training, generator=generator)
        angles["angle_of_random_start"].append(alignment.angle(other, solution))
        angles["angle_of_random_start_to_nearest_copy"].append(alignment.align(other, solution).angle)
        angles["angle_of_random_starts_to_nearest_copy"].append(alignment.align(other, start).angle)
        untrained = alignment.align(other, of_same_lengths(start, solution)).angle
        found = {name: values[-1] for name, values in angles.items()} | {
            "angle_of_own_start": alignment.angle(start, solution),
            BEYOND: angles["angle_of_random_start_to_nearest_copy"][-1] - untrained,
            "train_error": wrong,
        }
        rows += [{"hidden": width, "quantity": quantity, "value": value, "n": 1} for quantity, value in found.items()]
    for name, values in angles.items():
        slope = float(np.polyfit(np.log2(widths), values, 1)[0]) if len(widths) > 1 else np.nan
        rows.append({"hidden": 0, "quantity": f"{name}_per_doubling", "value": slope, "n": len(widths)})
    return rows


def of_same_lengths(layers: Layers, like: Layers) -> list[Layer]:
    """A network with each layer, weights and biases together, stretched to the length of the same layer of another."""
    ratios = [norm([other]) / norm([own]) for own, other in zip(layers, like, strict=True)]
    return [(weights * ratio, biases * ratio) for (weights, biases), ratio in zip(layers, ratios, strict=True)]


def beyond_untrained_by_width(nearest: pd.DataFrame) -> pd.DataFrame:
    """Rows of each seed's slope of `BEYOND` per doubling of the width, by least squares, over the widths at which all
    seeds learnt all their patterns; none where these are fewer than two.
    """
    wrong = nearest[nearest["quantity"] == "train_error"].groupby("hidden")["value"].max()
    learnt = wrong.index[wrong == 0]
    used = nearest[(nearest["quantity"] == BEYOND) & nearest["hidden"].isin(learnt)]
    if len(learnt) < 2:
        return nearest.iloc[:0]
    slopes = [
        {"seed": seed, "value": np.polyfit(np.log2(group["hidden"]), group["value"], 1)[0], "n": len(group)}
        for seed, group in used.groupby("seed")
    ]
    return pd.DataFrame(slopes).assign(hidden=0, quantity=f"{BEYOND}_per_doubling")


def example(
    layers: Layers,
    patterns: Real[np.ndarray, "B N"],
    *,
    units: int,
    copies: int,
    generator: np.random.Generator,
    shown: int = SHOWN,
) -> dict[str, np.ndarray]:
    """What figure 6 shows: the first ``shown`` hidden units of a network as they stand, interchanged, flipped, and
    both, and angles to copies.

    Args:
        units: of a random network, all of whose copies are visited.
        copies: how many random ones of the network are.

    Returns:
        arrays for `figures.equioutput`: ``incoming`` (4, shown, N); ``unit`` (4, shown), which of the old units stands
        there; ``sign`` (4, shown); ``deviation`` (4,), the largest difference of any output on ``patterns``;
        ``angles_all`` (2^H H! - 1,) and ``angles_drawn`` (copies,).
    """
    width = len(layers[0][1])
    shown = min(shown, width)
    still = equioutput_group.identity((width,))
    order, signs = still.permutations[0].copy(), still.factors[0].copy()
    moved = equioutput_group.random_transformation((shown,), generator=generator)
    order[:shown], signs[:shown] = moved.permutations[0], moved.factors[0]
    chosen = [Transformation((a,), (b,)) for b in (still.factors[0], signs) for a in (still.permutations[0], order)]
    pictured = [equioutput_group.apply(copy, layers) for copy in chosen]
    before = np.tanh(logits(layers, patterns))
    small = random_layers((SMALL[0], units, SMALL[1]), generator=generator)
    return {
        "incoming": np.array([copy[0][0][:shown] for copy in pictured]),
        "unit": np.array([copy.permutations[0][:shown] for copy in chosen]),
        "sign": np.array([copy.factors[0][:shown] for copy in chosen]),
        "deviation": np.array([np.abs(np.tanh(logits(copy, patterns)) - before).max() for copy in pictured]),
        "angles_all": angles_of_copies(small, itertools.islice(equioutput_group.transformations((units,)), 1, None)),
        "angles_drawn": angles_of_copies(layers, _draw((width,), copies, "signs", generator)),
    }


def summarise(copies: pd.DataFrame, nearest: pd.DataFrame) -> pd.DataFrame:
    """The table `equioutput`: deviations, the largest of all cases; angles as means over seeds, changed answers as
    shares.

    Args:
        copies: rows with the column seed, of `measure_small`, `measure_trained` and `measure_network`.
        nearest: the same of `measure_nearest_copies`; slopes of `beyond_untrained_by_width` are added.
    """
    nearest = pd.concat([nearest, beyond_untrained_by_width(nearest)], ignore_index=True)
    own = {**_setting("trained_by_width", "tanh", 0, "signs", "all"), "precision": "float64"}
    del own["hidden"]  # its rows have theirs

    def estimate(group: pd.DataFrame) -> Estimate:
        quantity = group["quantity"].iloc[0]
        if quantity in SHARES:
            return share_over_seeds(group["value"], group["n"])
        n = int(group["n"].sum())
        if quantity in LARGEST:
            return largest_of(group["value"], n=n)
        if quantity.endswith("_per_doubling"):
            return mean_over_seeds(group["value"], n=n)
        if quantity == BEYOND:
            return mean_over_seeds(group["value"], n=n, bounds=(-180.0, 180.0))
        most = 1.0 if quantity == "train_error" else 180.0 if quantity.startswith("angle") else 2.0  # chords
        return mean_over_seeds(group["value"], n=n, bounds=(0.0, most))

    return estimates_by(SETTING, pd.concat([copies, nearest.assign(**own)], ignore_index=True), estimate)
