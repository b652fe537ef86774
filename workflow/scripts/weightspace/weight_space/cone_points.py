"""What figure 8 shows: every network as its copy nearest the medoid of all, and these copies on an ordinary sphere."""

import numpy as np

from weightspace.networks.weight_layers import from_vector, to_vector
from weightspace.symmetry.alignment import align
from weightspace.weight_space.cones import angular_radius, log10_cap, log10_replicas, medoid
from weightspace.weight_space.pattern_groups import GROUPS
from weightspace.weight_space.sphere_embedding import embed


def nearest_copies(weights, reference, like):
    """For each network, weights (n, d), the copy that is nearest to the one at the place ``reference``."""
    networks = [from_vector(vector, like) for vector in weights]
    return np.stack([to_vector(align(networks[reference], network).layers) for network in networks])


def place_on_sphere(groups, weights, least, like, *, generator):
    """Embed the networks of one cell.

    Args: groups (n,), the group of each; weights (n, d); least (n, n), orbit-minimum angles in degrees.

    Returns: dict of arrays: ``points`` (n, 3) and their ``group`` (n,) as places in `GROUPS`; ``stress``; for each
    group ``medoid`` (its place among the points), ``radius`` in degrees, ``log10_cone`` and ``log10_cone_and_copies``.
    """
    copies = nearest_copies(weights, medoid(least), like)
    unit = copies / np.linalg.norm(copies, axis=1, keepdims=True)
    points, stress = embed(np.degrees(np.arccos(np.clip(unit @ unit.T, -1, 1))), generator=generator)
    found = {
        "points": points,
        "stress": np.float64(stress),
        "group": np.array([GROUPS.index(group) for group in groups]),
    }
    for name in ("medoid", "radius", "log10_cone", "log10_cone_and_copies"):
        found[name] = np.zeros(len(GROUPS), np.int64 if name == "medoid" else np.float64)
    replicas = log10_replicas(len(like[0][1]))
    for place, group in enumerate(GROUPS):
        rows = np.flatnonzero(np.asarray(groups) == group)
        angles = least[np.ix_(rows, rows)]
        cone = log10_cap(angular_radius(angles), weights.shape[1])
        found["medoid"][place], found["radius"][place] = rows[medoid(angles)], angular_radius(angles)
        found["log10_cone"][place], found["log10_cone_and_copies"][place] = cone, min(0.0, cone + replicas)
    return found
