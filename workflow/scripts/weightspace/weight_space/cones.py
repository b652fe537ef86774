"""The paper's cones: weights learnt from P_t, P_g and P_a + P_r, the angles between them up to equioutput copies, and
what they fill.
"""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy import special

from weightspace.draws import generator
from weightspace.estimates import CONFIDENCE
from weightspace.networks.weight_layers import from_vector, to_vector
from weightspace.symmetry.alignment import orbit_angles
from weightspace.weight_space.pattern_groups import GROUPS, LABELLINGS, balanced_groups, make_pools
from weightspace.weight_space.small_training import initial_layers, train_small

STARTS = ("shared", "independent")
PERCENTILE = 95  # of the angles to the medoid: the angular radius


def train_cones(bases, data, search, *, hidden, patterns, radius, candidates, steps, batch_size, learning_rate):
    """Train a network for each seed, group, labelling and start.

    Args: bases, layers of the networks that the groups are defined by, one for each seed; data, `patterns.Patterns`;
    search, a `nearest_images.ImageSearch` of its training images; hidden units of the networks trained; the
    rest as in `pattern_groups` and `small_training`.

    Returns: DataFrame with a row per network (seed, group, labelling, start, patterns, error) and the weights (n, d)
    float64.
    """
    rows, weights = [], []
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
                network = initial_layers(widths, generator=generator(0, *key))
                drawn = generator(seed, "cone batches", group, labelling, start)
                size = min(batch_size, len(labels))
                error = train_small(
                    network, chosen, labels, steps=steps, batch_size=size, learning_rate=learning_rate, generator=drawn
                )
                head = {"seed": seed, "group": group, "labelling": labelling, "start": start}
                rows.append({**head, "patterns": len(labels), "error": error})
                weights.append(to_vector(network))
    return pd.DataFrame(rows), np.stack(weights)


def shapes(inputs, hidden, classes):
    """Layers of the shapes of the networks trained, empty."""
    return [(np.empty((hidden, inputs)), np.empty(hidden)), (np.empty((classes, hidden)), np.empty(classes))]


def measure_angles(weights, like):
    """Angles in degrees between all pairs of networks, as they stand and the least over all equioutput copies: two
    arrays (n, n).
    """
    unit = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    plain = np.degrees(np.arccos(np.clip(unit @ unit.T, -1, 1)))
    np.fill_diagonal(plain, 0)
    return plain, orbit_angles([from_vector(vector, like) for vector in weights])


def cells(networks):
    """Positions of the networks of each labelling and start: ``{(labelling, start): (n,)}``."""
    return {
        (labelling, start): np.flatnonzero((networks.labelling == labelling) & (networks.start == start))
        for labelling in LABELLINGS
        for start in STARTS
    }


def medoid(angles):
    """The position of the member with the least sum of angles to all."""
    return int(angles.sum(axis=1).argmin())


def angular_radius(angles):
    """95th percentile of the angles to the medoid, in degrees, the medoid itself left out."""
    return float(np.percentile(np.delete(angles[medoid(angles)], medoid(angles)), PERCENTILE))


def log10_cap(degrees, dimensions):
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


def log10_replicas(hidden):
    """log10 of 2^H · H!, the copies of a network with one hidden layer."""
    return float((hidden * np.log(2) + special.gammaln(hidden + 1)) / np.log(10))


def jackknife(statistic, seeds, *, bounds=(-np.inf, np.inf)):
    """Estimate of ``statistic(kept)``, a function of the seeds that are kept, with Student's interval from leaving out
    one seed at a time.

    Pairs of networks share networks, so a t-interval over pairs would be too narrow (Efron & Tibshirani 1993, chapter
    11).
    """
    seeds = np.asarray(seeds)
    whole, count = statistic(seeds), len(seeds)
    if count < 3:  # of one seed left there are no pairs
        return {"estimate": whole, "low": bounds[0], "high": bounds[1], "seeds": count}
    parts = np.array([statistic(np.delete(seeds, place)) for place in range(count)])
    error = np.sqrt((count - 1) / count * np.square(parts - parts.mean()).sum())
    half = special.stdtrit(count - 1, (1 + CONFIDENCE) / 2) * error
    return {
        "estimate": whole,
        "low": max(bounds[0], whole - half),
        "high": min(bounds[1], whole + half),
        "seeds": count,
    }


def summarise(networks, plain, least, *, dimensions, hidden):
    """The table `cones`, for both labellings and starts.

    Args: networks, rows of `train_cones`; plain and least, angles (n, n) between networks of the same cell, NaN
    elsewhere.
    """
    rows = []
    for (labelling, start), places in cells(networks).items():
        members = networks.iloc[places].reset_index(drop=True)
        head = {"labelling": labelling, "start": start, "patterns": int(members.patterns.min())}
        square = np.ix_(places, places)
        rows += [{**head, **row} for row in _cell_rows(members, plain[square], least[square], dimensions, hidden)]
    return pd.DataFrame(rows)


def _cell_rows(members, plain, least, dimensions, hidden):
    places = {group: np.flatnonzero(members.group == group) for group in GROUPS}
    replicas = log10_replicas(hidden)
    for first, second in [*((group, group) for group in GROUPS), *combinations(GROUPS, 2)]:
        for quantity, angles in (("angle", least), ("angle_as_they_stand", plain)):

            def mean(kept, angles=angles, first=first, second=second):
                rows, columns = (
                    places[group][np.isin(members.seed.to_numpy()[places[group]], kept)] for group in (first, second)
                )
                block = angles[np.ix_(rows, columns)]
                return block[np.triu_indices(len(rows), 1)].mean() if first == second else block.mean()

            count = (
                len(places[first]) * (len(places[first]) - 1) // 2
                if first == second
                else len(places[first]) * len(places[second])
            )
            estimate = jackknife(mean, members.seed.unique(), bounds=(0.0, 180.0))
            yield {"group": first, "other": second, "quantity": quantity, **estimate, "n": count}
    for group in GROUPS:

        def radius(kept, group=group):
            rows = places[group][np.isin(members.seed.to_numpy()[places[group]], kept)]
            return angular_radius(least[np.ix_(rows, rows)])

        found = jackknife(radius, members.seed.unique(), bounds=(0.0, 180.0))
        head = {"group": group, "other": group, "n": len(places[group])}
        yield {**head, "quantity": "angular_radius", **found}
        volume = {key: log10_cap(found[key], dimensions) for key in ("estimate", "low", "high")}
        filled = {key: min(0.0, value + replicas) for key, value in volume.items()}
        yield {**head, "quantity": "log10_cone", **volume, "seeds": found["seeds"]}
        yield {**head, "quantity": "log10_cone_and_copies", **filled, "seeds": found["seeds"]}
    error = members.groupby("seed").error.mean()
    yield {
        "group": "all",
        "other": "all",
        "quantity": "log10_copies",
        "estimate": replicas,
        "low": replicas,
        "high": replicas,
        "n": 1,
        "seeds": 0,
    }
    yield {
        "group": "all",
        "other": "all",
        "quantity": "training_error",
        **jackknife(lambda kept: error[kept].mean(), error.index, bounds=(0.0, 1.0)),
        "n": len(members),
    }
