"""How equal the outputs of equioutput copies are in floating point, and how far apart the copies lie on their sphere.

Hecht-Nielsen (1990); Musunuru et al., section II.C.1: sign flips and interchanges of hidden units leave the output
unchanged.
"""

import itertools

import numpy as np
import pandas as pd

from weightspace.estimates import estimates_by, mean_over_seeds, share_over_seeds
from weightspace.networks.weight_layers import hidden_widths, logits, norm
from weightspace.symmetry import alignment, equioutput_group

PRECISIONS = {"float32": np.float32, "float64": np.float64}
FUNCTIONS = {"tanh": np.tanh, "relu": lambda values: np.maximum(values, 0)}
# Quantities whose value is a count of n; the others are means over seeds.
SHARES = ("answers_changed",)
SMALL = (4, 3)  # inputs and outputs of the random networks
SHOWN = 10  # hidden units in the example
SETTING = ("weights", "activation", "hidden", "transformation", "copies", "precision", "quantity")


def random_network(sizes, *, generator):
    """Layers (float64) of a fully connected network of ``sizes`` units with PyTorch's initial weights: uniform on
    ±1/√fan-in.
    """
    bounds = (1 / np.sqrt(inputs) for inputs in sizes)
    pairs = zip(itertools.pairwise(sizes), bounds, strict=False)
    return [(generator.uniform(-bound, bound, (b, a)), generator.uniform(-bound, bound, b)) for (a, b), bound in pairs]


def measure_copies(layers, copies, patterns, *, activation="tanh", answer=None, squash=np.tanh):
    """Rows of output deviation and of geometry of copies of one network.

    Args:
        layers: a network, as in `weight_layers`; it is taken to each precision of `PRECISIONS` before it is copied.
        copies: transformations, as many as are to be measured.
        patterns: inputs (B, N) of ±1.
        answer: a function of layers and inputs that gives logits (B, C); by default those of a fully connected network.
        squash: what makes outputs of logits.

    Returns:
        list of dicts with precision, quantity, value, n: the largest difference of any output, which lies in -1 ... 1;
            how many answers, the
        output that is largest, are changed; angles (degrees) and distances (in lengths of the weight vector) from the
        network to its copies.
    """
    rows, copies = [], list(copies)
    answer = answer or (lambda layers, inputs: logits(layers, inputs, activation=FUNCTIONS[activation]))
    for precision, kind in PRECISIONS.items():
        own = [(weights.astype(kind), biases.astype(kind)) for weights, biases in layers]
        inputs = patterns.astype(kind)
        before = answer(own, inputs)
        largest, changed = 0.0, 0
        for copy in copies:
            after = answer(equioutput_group.apply(copy, own), inputs)
            largest = max(largest, float(np.abs(squash(after) - squash(before)).max()))
            changed += int((after.argmax(axis=1) != before.argmax(axis=1)).sum())
        rows.append(
            {"precision": precision, "quantity": "output_deviation", "value": largest, "n": len(copies) * len(inputs)}
        )
        rows.append(
            {"precision": precision, "quantity": "answers_changed", "value": changed, "n": len(copies) * len(inputs)}
        )
    return rows + (measure_geometry(layers, copies) if activation == "tanh" else [])


def measure_geometry(layers, copies):
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


def measure_small(*, largest, patterns, generator):
    """All copies of random networks with 1 to ``largest`` hidden units, and controls: what is no symmetry of the
    activation shows as a deviation.
    """
    inputs, outputs = SMALL
    drawn = generator.choice([-1.0, 1.0], size=(patterns, inputs))
    rows = []
    for units in range(1, largest + 1):
        layers = random_network((inputs, units, outputs), generator=generator)
        for row in measure_copies(layers, equioutput_group.transformations((units,)), drawn):
            rows.append(
                {
                    "weights": "random",
                    "activation": "tanh",
                    "hidden": units,
                    "transformation": "signs",
                    "copies": "all",
                    **row,
                }
            )
    for kind in ("interchanges", "scales", "signs"):
        copies = [
            equioutput_group.random_transformation((largest,), generator=generator, kind=kind) for _ in range(100)
        ]
        for row in measure_copies(layers, copies, drawn, activation="relu"):
            rows.append(
                {
                    "weights": "random",
                    "activation": "relu",
                    "hidden": largest,
                    "transformation": kind,
                    "copies": "drawn",
                    **row,
                }
            )
    return rows


def measure_trained(layers, *, name, copies, patterns, generator):
    """``copies`` random copies of a trained network with odd activations, on ``patterns`` (B, N) of ±1."""
    widths = hidden_widths(layers)
    drawn = [equioutput_group.random_transformation(widths, generator=generator) for _ in range(copies)]
    setting = {
        "weights": name,
        "activation": "tanh",
        "hidden": sum(widths),
        "transformation": "signs",
        "copies": "drawn",
    }
    return [{**setting, **row} for row in measure_copies(layers, drawn, patterns)]


def example(layers, patterns, *, units, copies, generator, shown=SHOWN):
    """What figure 6 shows: the first ``shown`` hidden units of a network as they stand, interchanged, flipped, and
    both, and angles to copies.

    Args: ``units`` of a random network, all of whose copies are visited; ``copies``, how many random ones of the
    network are.

    Returns: dict of arrays for `figures.equioutput`: ``incoming`` (4, shown, N); ``unit`` (4, shown), which of the old
    units stands there; ``sign`` (4, shown); ``deviation`` (4,), the largest difference of any output on ``patterns``;
    ``angles_all`` (2^H H! - 1,) and ``angles_drawn`` (copies,).
    """
    width = len(layers[0][1])
    shown = min(shown, width)
    still = equioutput_group.identity((width,))
    order, signs = still.permutations[0].copy(), still.factors[0].copy()
    moved = equioutput_group.random_transformation((shown,), generator=generator)
    order[:shown], signs[:shown] = moved.permutations[0], moved.factors[0]
    chosen = [
        equioutput_group.Transformation((a,), (b,))
        for b in (still.factors[0], signs)
        for a in (still.permutations[0], order)
    ]
    pictured = [equioutput_group.apply(copy, layers) for copy in chosen]
    before = np.tanh(logits(layers, patterns))
    small = random_network((SMALL[0], units, SMALL[1]), generator=generator)
    drawn = (equioutput_group.random_transformation((width,), generator=generator) for _ in range(copies))
    return {
        "incoming": np.array([copy[0][0][:shown] for copy in pictured]),
        "unit": np.array([copy.permutations[0][:shown] for copy in chosen]),
        "sign": np.array([copy.factors[0][:shown] for copy in chosen]),
        "deviation": np.array([np.abs(np.tanh(logits(copy, patterns)) - before).max() for copy in pictured]),
        "angles_all": angles_of_copies(small, itertools.islice(equioutput_group.transformations((units,)), 1, None)),
        "angles_drawn": angles_of_copies(layers, drawn),
    }


def angles_of_copies(layers, copies):
    """Angles (n,) in degrees from a network to copies of it."""
    radius = norm(layers)
    distances = np.array([alignment.distance(layers, equioutput_group.apply(copy, layers)) for copy in copies])
    return alignment.angle_of_chord(distances, radius)


def summarise(copies, nearest):
    """The table `equioutput`: largest deviations and angles as means over seeds, changed answers as shares.

    Args: rows with the column seed, of `measure_small` and `measure_trained`, and of `munificence.measure_munificence`.
    """
    own = {
        "weights": "trained_by_width",
        "activation": "tanh",
        "transformation": "signs",
        "copies": "all",
        "precision": "float64",
    }
    return estimates_by(SETTING, pd.concat([copies, nearest.assign(**own)], ignore_index=True), _over_seeds)


def _over_seeds(rows):
    quantity = rows["quantity"].iloc[0]
    if quantity in SHARES:
        return share_over_seeds(rows["value"], rows["n"])
    least = -np.inf if quantity.endswith("_per_doubling") else 0.0
    return mean_over_seeds(rows["value"], n=int(rows["n"].sum()), bounds=(least, np.inf))
