"""Copies nearest the medoid, and points on a sphere that keep their angles."""

import numpy as np
import pytest
from made_weights import rng

from weightspace.figures.cones import cone_rim
from weightspace.networks.weight_layers import random_layers, to_vector
from weightspace.symmetry.equioutput_group import apply, random_transformation
from weightspace.weight_space import cones
from weightspace.weight_space.sphere_embedding import embed, nearest_copies

CLASSES = 10


def test_nearest_copies_undo_transformations():
    network, like = random_layers((9, 5, CLASSES), generator=rng(0)), cones.shapes(9, 5, CLASSES)
    copies = [to_vector(apply(random_transformation((5,), generator=rng(seed)), network)) for seed in range(4)]
    found = nearest_copies(np.stack([to_vector(network), *copies]), 0, like)
    assert found == pytest.approx(np.tile(to_vector(network), (5, 1)))
    plain, least = cones.measure_angles(np.stack([to_vector(network), *copies]), like)
    assert plain[0, 1:].min() > 1
    assert least == pytest.approx(np.zeros((5, 5)), abs=1e-4)


def test_embedding_finds_points_that_lie_on_a_sphere():
    points = rng(0).standard_normal((12, 3)) + np.array([2, 0, 0])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    angles = np.degrees(np.arccos(np.clip(points @ points.T, -1, 1)))
    found, stress = embed(angles, generator=rng(1))
    assert stress < 1e-4
    assert np.degrees(np.arccos(np.clip(found @ found.T, -1, 1))) == pytest.approx(angles, abs=0.05)


def test_rim_lies_at_its_angle():
    centre = np.array([0.6, 0, 0.8])
    assert np.degrees(np.arccos(cone_rim(centre, 35) @ centre)) == pytest.approx(np.full(120, 35.0))
