"""What figure 8 shows: every network as its copy nearest the medoid of all, and these copies on an ordinary sphere that
keeps their angles as well as a sphere can.

Spherical multidimensional scaling (Cox & Cox 1991).
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

from weightspace.draws import generator as seeded
from weightspace.networks.weight_layers import Layers, from_vector, to_vector
from weightspace.symmetry.alignment import align, angles_of_pairs
from weightspace.weight_space.cones import Cones, angular_radius, cells, log10_cap, log10_replicas, medoid
from weightspace.weight_space.pattern_groups import GROUPS

_STARTS = 8


def embed(
    angles: Float[np.ndarray, "n n"], *, generator: np.random.Generator
) -> tuple[Float[np.ndarray, "n 3"], float]:
    """Unit vectors whose angles are as near as can be, in squares, to ``angles`` in degrees, and the stress.

    Stress is Kruskal's first: the root of squared differences of angles over squared angles. The best of several random
    starts; the sphere is turned so that the mean of the points looks along the first axis.
    """
    rows, columns = np.triu_indices(len(angles), 1)
    wanted = np.radians(angles[rows, columns])

    def mismatch(flat: Float[np.ndarray, "m"]) -> tuple[float, Float[np.ndarray, "m"]]:
        points = flat.reshape(-1, 3)
        lengths = np.linalg.norm(points, axis=1, keepdims=True)
        unit = points / lengths
        # From the lengths of difference and sum, since the arc cosine loses small angles to rounding.
        apart, together = (np.linalg.norm(unit[rows] + sign * unit[columns], axis=1) for sign in (-1, 1))
        gaps, sines = 2 * np.arctan2(apart, together) - wanted, np.maximum(apart * together / 2, 1e-12)
        slope = (-2 * gaps / sines)[:, None]
        pull = np.zeros_like(points)
        np.add.at(pull, rows, slope * unit[columns])
        np.add.at(pull, columns, slope * unit[rows])
        pull = (pull - unit * (pull * unit).sum(axis=1, keepdims=True)) / lengths
        return float(np.square(gaps).sum()), pull.ravel()

    starts = (generator.standard_normal(3 * len(angles)) for _ in range(_STARTS))
    best = min(
        (minimize(mismatch, start, jac=True, method="L-BFGS-B") for start in starts), key=lambda found: found.fun
    )
    points = best.x.reshape(-1, 3)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    axes, _, _ = np.linalg.svd(np.column_stack([points.mean(axis=0), points.T @ points]), full_matrices=True)
    turned = points @ axes
    turned *= np.where(turned.mean(axis=0) < 0, -1, 1)
    return turned, float(np.sqrt(best.fun / np.square(wanted).sum()))


def nearest_copies(weights: Float[np.ndarray, "n d"], reference: int, like: Layers) -> Float[np.ndarray, "n d"]:
    """For each network the copy that is nearest to the one at the place ``reference``."""
    networks = [from_vector(vector, like) for vector in weights]
    return np.stack([to_vector(align(networks[reference], network).layers) for network in networks])


def place_on_sphere(
    groups: Sequence[str],
    weights: Float[np.ndarray, "n d"],
    least: Float[np.ndarray, "n n"],
    like: Layers,
    *,
    generator: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Embed the networks of one cell.

    Args:
        groups: the group of each network.
        least: orbit-minimum angles in degrees.

    Returns:
        ``points`` (n, 3) and their ``group`` (n,) as places in `GROUPS`; ``stress``; for each group ``medoid`` (its
        place among the points), ``radius`` in degrees, ``log10_cone`` and ``log10_cone_and_copies``.
    """
    copies = nearest_copies(weights, medoid(least), like)
    points, stress = embed(angles_of_pairs(copies), generator=generator)
    replicas, of_groups = log10_replicas(len(like[0][1])), []
    for group in GROUPS:
        rows = np.flatnonzero(np.asarray(groups) == group)
        angles = least[np.ix_(rows, rows)]
        cone = log10_cap(angular_radius(angles), weights.shape[1])
        of_groups.append((rows[medoid(angles)], angular_radius(angles), cone, min(0.0, cone + replicas)))
    names = ("medoid", "radius", "log10_cone", "log10_cone_and_copies")
    return {
        "points": points,
        "stress": np.array(stress),
        "group": np.array([GROUPS.index(group) for group in groups]),
        **{name: np.array(column) for name, column in zip(names, zip(*of_groups, strict=True), strict=True)},
    }


def place_all(cones: Cones) -> dict[str, np.ndarray]:
    """Embed the networks of both starts, labelled by the model: arrays of `place_on_sphere`, each with the start and an
    underscore before its name; ``patterns``, ``seeds``, ``dimensions`` and ``hidden``.
    """
    networks, weights = cones.networks, cones.weights
    numbers = {
        "patterns": networks.patterns.min(),
        "seeds": networks.seed.nunique(),
        "dimensions": weights.shape[1],
        "hidden": len(cones.like[0][1]),
    }
    found = {name: np.array(number, dtype=np.int64) for name, number in numbers.items()}
    for (labelling, start), places in cells(networks).items():
        if labelling == "model":
            drawn, groups = seeded(0, "sphere embedding", start), networks.group.to_numpy()[places].tolist()
            least = cones.least[np.ix_(places, places)]
            placed = place_on_sphere(groups, weights[places], least, cones.like, generator=drawn)
            found |= {f"{start}_{name}": np.asarray(values) for name, values in placed.items()}
    return found
