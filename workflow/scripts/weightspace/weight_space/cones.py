"""The paper's cones: weights learnt from P_t, P_g and P_a + P_r, the angles between them up to equioutput copies, and
what they fill.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64
from scipy import special

from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import Patterns
from weightspace.draws import generator
from weightspace.estimates import NONE, jackknife, largest_of, mean_over_seeds
from weightspace.files import read_npz, write_npz
from weightspace.networks.gradient_steps import targets_of, train, train_until_learnt
from weightspace.networks.weight_layers import Layer, Layers, from_vector, random_layers, to_vector
from weightspace.symmetry.alignment import angles_of_pairs, orbit_angles
from weightspace.weight_space.pattern_groups import (
    APART,
    GROUPS,
    LABELLINGS,
    Pool,
    balanced_groups,
    disjoint_draws,
    make_pools,
)

STARTS = ("shared", "independent")
PERCENTILE = 95  # of the angles to the medoid: the angular radius


@dataclass(frozen=True)
class Cones:
    """Networks trained on the groups, one a row (seed, group, labelling, start, patterns, error), their ``weights`` in
    the shapes of ``like``, and the angles between networks of one labelling and start, in degrees, NaN elsewhere:
    ``plain`` as they stand, ``least`` over all equioutput copies. ``apart``: rows of `measure_apart`.
    """

    networks: pd.DataFrame
    weights: Float[np.ndarray, "n d"]
    plain: Float[np.ndarray, "n n"]
    least: Float[np.ndarray, "n n"]
    like: list[Layer]
    apart: pd.DataFrame = field(default_factory=pd.DataFrame)

    def save(self, path: str | Path) -> None:
        """Write the networks' columns and all arrays as npz."""
        columns = _as_arrays(self.networks) | {f"apart_{name}": part for name, part in _as_arrays(self.apart).items()}
        (hidden, inputs), classes = self.like[0][0].shape, len(self.like[1][1])
        widths = {"inputs": np.int64(inputs), "hidden": np.int64(hidden), "classes": np.int64(classes)}
        write_npz(path, **columns, weights=self.weights, plain=self.plain, least=self.least, **widths)

    @classmethod
    def load(cls, path: str | Path) -> "Cones":
        """Read what `save` wrote."""
        arrays = read_npz(path)
        columns = ("seed", "group", "labelling", "start", "patterns", "error")
        like = shapes(*(int(arrays[name]) for name in ("inputs", "hidden", "classes")))
        networks = pd.DataFrame({name: arrays[name] for name in columns})
        apart = pd.DataFrame({name[6:]: part for name, part in arrays.items() if name.startswith("apart_")})
        return cls(networks, arrays["weights"], arrays["plain"], arrays["least"], like, apart)


def _as_arrays(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        str(name): column.to_numpy() if column.dtype.kind in "if" else column.to_numpy().astype(str)
        for name, column in frame.items()
    }


def measure_cones(bases: Sequence[Layers], data: Patterns, *, hidden: int, **settings: Any) -> Cones:
    """Train the networks, and measure the angles between those of one labelling and start; arguments as of
    `train_cones`.
    """
    networks, weights, apart = train_cones(bases, data, ImageSearch(data.packed_train), hidden=hidden, **settings)
    like = shapes(data.size, hidden, data.classes)
    return Cones(networks, weights, *angles_of_cells(networks, weights, like), like, apart)


def angles_of_cells(
    networks: pd.DataFrame, weights: Float[np.ndarray, "n d"], like: Layers
) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, "n n"]]:
    """`measure_angles` within each labelling and start, NaN elsewhere."""
    plain, least = np.full((2, len(networks), len(networks)), np.nan)
    for places in cells(networks).values():
        square = np.ix_(places, places)
        plain[square], least[square] = measure_angles(weights[places], like)
    return plain, least


def train_cones(
    bases: Sequence[Layers],
    data: Patterns,
    search: ImageSearch,
    *,
    hidden: int,
    patterns: int,
    radius: int,
    candidates: int,
    steps: int,
    batch_size: int,
    learning_rate: float,
    most_steps: int,
) -> tuple[pd.DataFrame, Float[np.ndarray, "n d"], pd.DataFrame]:
    """Train a network for each seed, group, labelling and start, and those of `measure_apart`.

    Args:
        bases: the networks that the groups are defined by, one for each seed.
        search: among the training images.
        hidden: units of the networks trained; the rest as in `pattern_groups` and `gradient_steps.train`.

    Returns:
        a row per network (seed, group, labelling, start, patterns, error), their weights, and the rows of
        `measure_apart` with the column seed.
    """
    rows, weights, apart = [], [], []
    widths = (data.size, hidden, data.classes)
    for seed, layers in enumerate(bases):
        pools = make_pools(
            layers, data, search, radius=radius, candidates=candidates, generator=generator(seed, "cone candidates")
        )
        groups = balanced_groups(
            pools, patterns=patterns, classes=data.classes, generator=generator(seed, "cone patterns")
        )
        for (group, labelling), (chosen, labels) in groups.items():
            for start in STARTS:
                key = ("cone start",) if start == "shared" else ("cone start", seed, group, labelling)
                network = random_layers(widths, generator=generator(0, *key))
                options: dict[str, Any] = {
                    "steps": steps,
                    "batch_size": min(batch_size, len(labels)),
                    "learning_rate": learning_rate,
                }
                drawn = generator(seed, "cone batches", group, labelling, start)
                inputs, targets = chosen.astype(np.float64), targets_of(labels, data.classes)
                error = train(network, inputs, targets, **options, generator=drawn)
                head = {"seed": seed, "group": group, "labelling": labelling, "start": start}
                rows.append({**head, "patterns": len(labels), "error": error})
                weights.append(to_vector(network))
        found = measure_apart(
            pools,
            random_layers(widths, generator=generator(0, "cone start")),
            patterns=patterns,
            training={"steps": most_steps, "batch_size": batch_size, "learning_rate": learning_rate},
            seed=seed,
        )
        apart += [{"seed": seed, **row} for row in found]
    return pd.DataFrame(rows), np.stack(weights), pd.DataFrame(apart)


def measure_apart(
    pools: dict[str, Pool], start: Layers, *, patterns: int, training: dict[str, Any], seed: int
) -> list[dict[str, Any]]:
    """Whether weights learnt from two groups lie further apart than weights learnt from other patterns of each.

    One network is trained from the same ``start`` on each of two disjoint draws of each group, until it errs no more.

    Args:
        training: arguments of `gradient_steps.train_until_learnt`.

    Returns:
        group, other, quantity, value, patterns. ``angle_beyond_within``: mean angle, the least over all copies,
        between networks of one draw of the first and the other draw of the second, less the mean of the angles between
        both draws of either. ``training_error_apart``: share of a group's patterns that its networks get wrong.
    """
    classes = len(start[-1][1])
    draws = disjoint_draws(pools, patterns=patterns, classes=classes, generator=generator(seed, "disjoint draws"))
    networks, errors, count = {}, {}, 0
    for (group, draw), (chosen, labels) in draws.items():
        network, count = from_vector(to_vector(start).copy(), start), len(labels)
        drawn = generator(seed, "disjoint batches", group, draw)
        inputs, targets = chosen.astype(np.float64), targets_of(labels, classes)
        errors[group, draw] = train_until_learnt(network, inputs, targets, **training, generator=drawn)
        networks[group, draw] = network
    places = {key: place for place, key in enumerate(networks)}
    angles = orbit_angles(list(networks.values()))
    found = [
        {"group": group, "other": group, "quantity": "training_error_apart", "value": mean_error}
        for group in APART
        for mean_error in [(errors[group, 0] + errors[group, 1]) / 2]
    ]
    for first, second in combinations(APART, 2):
        between = np.mean([angles[places[first, draw], places[second, 1 - draw]] for draw in (0, 1)])
        within = np.mean([angles[places[group, 0], places[group, 1]] for group in (first, second)])
        head = {"group": first, "other": second, "quantity": "angle_beyond_within"}
        found.append({**head, "value": float(between - within)})
    return [{**row, "patterns": count} for row in found]


def shapes(inputs: int, hidden: int, classes: int) -> list[Layer]:
    """Layers of the shapes of the networks trained, empty."""
    return [(np.empty((hidden, inputs)), np.empty(hidden)), (np.empty((classes, hidden)), np.empty(classes))]


def measure_angles(
    weights: Float[np.ndarray, "n d"], like: Layers
) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, "n n"]]:
    """Angles in degrees between all pairs of networks, as they stand and the least over all equioutput copies."""
    return angles_of_pairs(weights), orbit_angles([from_vector(vector, like) for vector in weights])


def cells(networks: pd.DataFrame) -> dict[tuple[str, str], Int64[np.ndarray, "_"]]:
    """Positions of the networks of each labelling and start."""
    return {
        (labelling, start): np.flatnonzero((networks.labelling == labelling) & (networks.start == start))
        for labelling in LABELLINGS
        for start in STARTS
    }


def medoid(angles: Float[np.ndarray, "n n"]) -> int:
    """The position of the member with the least sum of angles to all."""
    return int(angles.sum(axis=1).argmin())


def angular_radius(angles: Float[np.ndarray, "n n"]) -> float:
    """95th percentile of the angles to the medoid, in degrees, the medoid itself left out."""
    return float(np.percentile(np.delete(angles[medoid(angles)], medoid(angles)), PERCENTILE))


def log10_cap(degrees: float, dimensions: int) -> float:
    """log10 of the share of the sphere in so many dimensions within an angle of a point.

    The integral of ``sin^(d−2)`` (Li 2011), by Gauss-Legendre on the logarithm, since the share itself underflows.
    """
    if degrees <= 0 or degrees >= 180:
        return -np.inf if degrees <= 0 else 0.0
    if degrees > 90:
        return float(np.log10(1 - 10 ** log10_cap(180 - degrees, dimensions)))
    top, power = np.radians(degrees), dimensions - 2
    # The integrand falls off within about tan(top) / d below the top.
    bottom = max(0.0, top - 60 * np.tan(min(top, 1.5)) / max(power, 1)) if power > 100 else 0.0
    nodes, factors = np.polynomial.legendre.leggauss(400)
    points = bottom + (top - bottom) * (nodes + 1) / 2
    logs = power * np.log(np.sin(points)) + np.log(factors * (top - bottom) / 2)
    whole = special.gammaln(dimensions / 2) - special.gammaln((dimensions - 1) / 2) - np.log(np.pi) / 2
    return float((special.logsumexp(logs) + whole) / np.log(10))


def log10_replicas(hidden: int) -> float:
    """log10 of 2^H · H!, the copies of a network with one hidden layer."""
    return float((hidden * np.log(2) + special.gammaln(hidden + 1)) / np.log(10))


def summarise(cones: Cones) -> pd.DataFrame:
    """The table `cones`, for both labellings and starts."""
    rows = []
    for (labelling, start), places in cells(cones.networks).items():
        members = cones.networks.iloc[places].reset_index(drop=True)
        head = {"labelling": labelling, "start": start, "patterns": int(members.patterns.min())}
        square = np.ix_(places, places)
        found = _cell_rows(
            members, cones.plain[square], cones.least[square], cones.weights.shape[1], len(cones.like[0][1])
        )
        rows += [{**head, **row} for row in found]
    if len(cones.apart):
        rows += _apart_rows(cones.apart)
    return pd.DataFrame(rows)


def _apart_rows(apart: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of `measure_apart` over seeds, and how far the groups' mean training errors are from one another at most."""
    head = {"labelling": "model", "start": "shared", "patterns": int(apart.patterns.min())}
    bounds: dict[Any, tuple[float, float]] = {
        "angle_beyond_within": (-180.0, 180.0),
        "training_error_apart": (0.0, 1.0),
    }
    for (quantity, group, other), seeds in apart.groupby(["quantity", "group", "other"], sort=False):
        estimate = mean_over_seeds(seeds.value, n=2 * len(seeds), bounds=bounds[quantity])
        yield {**head, "group": group, "other": other, "quantity": quantity, **vars(estimate)}
    errors = apart[apart.quantity == "training_error_apart"].groupby("group").value.mean()
    spread = largest_of([errors.max() - errors.min()], n=len(errors))
    numbers = vars(spread) | {"seeds": apart.seed.nunique()}
    yield {**head, "group": "all", "other": "all", "quantity": "training_error_spread", **numbers}


def _cell_rows(
    members: pd.DataFrame,
    plain: Float[np.ndarray, "n n"],
    least: Float[np.ndarray, "n n"],
    dimensions: int,
    hidden: int,
) -> Iterator[dict[str, Any]]:
    places = {group: np.flatnonzero(members.group == group) for group in GROUPS}
    of_seeds, replicas = members.seed.to_numpy(), log10_replicas(hidden)

    def kept_places(group: str, kept: np.ndarray) -> np.ndarray:
        return places[group][np.isin(of_seeds[places[group]], kept)]

    for first, second in [*((group, group) for group in GROUPS), *combinations(GROUPS, 2)]:
        sizes = len(places[first]), len(places[second])
        count = sizes[0] * (sizes[0] - 1) // 2 if first == second else sizes[0] * sizes[1]
        for quantity, angles in (("angle", least), ("angle_as_they_stand", plain)):

            def mean(kept, angles=angles, first=first, second=second):
                block = angles[np.ix_(kept_places(first, kept), kept_places(second, kept))]
                return block[np.triu_indices(len(block), 1)].mean() if first == second else block.mean()

            estimate = jackknife(mean, members.seed.unique(), bounds=(0.0, 180.0))
            yield {"group": first, "other": second, "quantity": quantity, **estimate, "n": count}
    for group in GROUPS:

        def radius(kept, group=group):
            rows = kept_places(group, kept)
            return angular_radius(least[np.ix_(rows, rows)])

        found = jackknife(radius, members.seed.unique(), bounds=(0.0, 180.0))
        head = {"group": group, "other": group, "n": len(places[group])}
        yield {**head, "quantity": "angular_radius", **found}
        volume = {key: log10_cap(found[key], dimensions) for key in ("estimate", "low", "high")}
        filled = {key: value + replicas for key, value in volume.items()}
        said = {name: found[name] for name in ("seeds", "interval")}
        yield {**head, "quantity": "log10_cone", **volume, **said}
        yield {**head, "quantity": "log10_cone_and_copies", **filled, **said}
    head = {"group": "all", "other": "all"}
    exact = dict.fromkeys(("estimate", "low", "high"), replicas)
    yield {**head, "quantity": "log10_copies", **exact, "n": 1, "seeds": 0, "interval": NONE}
    error = members.groupby("seed").error.mean()
    estimate = jackknife(lambda kept: error[kept].mean(), error.index, bounds=(0.0, 1.0))
    yield {**head, "quantity": "training_error", **estimate, "n": len(members)}
