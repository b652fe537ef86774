"""Energy planes through stored patterns."""

import numpy as np

from weightspace.retrieval import landscape


def test_the_plane_holds_its_three_corners_and_distances_grow(mnist_patterns):
    corners = mnist_patterns.train([0, 1, 2])
    axis, patterns, bits_u, bits_v = landscape.grid_patterns(corners, steps=20, generator=np.random.default_rng(0))
    zero, one = np.flatnonzero(np.isclose(axis, 0))[0], np.flatnonzero(np.isclose(axis, 1))[0]
    for at, corner in zip([(zero, zero), (one, zero), (zero, one)], corners, strict=True):
        assert (patterns[at] == corner).all()
    distance = (patterns != corners[0]).sum(axis=-1)
    assert (np.diff(distance[zero:, zero]) >= 0).all()
    assert (np.diff(distance[: zero + 1, zero]) <= 0).all()
    assert distance[-1, zero] > distance[one, zero] == (corners[0] != corners[1]).sum()
    assert min(bits_u, bits_v) > 0
