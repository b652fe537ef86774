"""Energy planes through stored patterns, and the small network whose states are all followed."""

import numpy as np
import pytest
import torch

from weightspace.data.shrunken_digits import choose_class_patterns
from weightspace.memories import hopfield
from weightspace.networks import architectures
from weightspace.retrieval import landscape, small_memories
from weightspace.weight_space import descent_path


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


def test_small_network_ends_where_brute_force_ends():
    patterns = np.array([[1, 1, -1, -1, 1, -1], [1, -1, 1, -1, -1, -1]], dtype=np.int8)
    data = small_memories.follow_small_network(patterns, np.array([3, 8]), margin=0)
    assert len(data["states"]) == 64
    fixed = []
    for state in data["states"].astype(int):
        field = data["weights"].astype(int) @ state
        fixed.append(all(f == 0 or (f > 0) == (s > 0) for f, s in zip(field, state, strict=True)))
    assert data["fixed"].tolist() == fixed
    assert data["fixed"][data["target"]].all()
    for pattern in patterns:
        row = int(np.flatnonzero((data["states"] == pattern).all(axis=1))[0])
        assert data["fixed"][row]
        assert data["kind"][row] == small_memories.STORED
    assert data["energy"] == pytest.approx(hopfield.energy(data["weights"], data["states"]))


def test_digits_of_six_pixels_differ(mnist_raw):
    from weightspace.data.raw_files import read_images, read_labels

    patterns, labels = choose_class_patterns(
        read_images(mnist_raw, "test"), read_labels(mnist_raw, "test"), patterns=3, shape=(3, 2)
    )
    assert patterns.shape == (3, 6)
    assert len(set(labels)) == 3
    overlaps = np.abs(patterns.astype(int) @ patterns.T) - 6 * np.eye(3)
    assert overlaps.max() < 6
    with pytest.raises(ValueError, match=r"small_network\.patterns is 2"):
        choose_class_patterns(np.zeros((4, 28, 28)), np.array([0, 1, 2, 3]), patterns=2, shape=(3, 2))


def test_the_loss_surface_holds_the_path_where_the_path_is_plane():
    """A path of two directions is explained wholly by its plane, so the plane's loss is the path's own."""
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.randn(50, 4, generator=generator), torch.randint(0, 3, (50,), generator=generator)
    module = architectures.MultilayerPerceptron(widths=[4, 5, 3], activation="tanh")
    size = sum(parameter.numel() for parameter in module.parameters())
    directions = np.random.default_rng(1).normal(size=(2, size))
    path = np.array([[3, 1], [2, 2], [1, 0.5], [0, 0]]) @ directions
    data = descent_path.map_loss(module, path, images, labels, loss="rms", points=5)
    assert data["explained"].sum() == pytest.approx(1)
    assert data["plane_loss"] == pytest.approx(data["path_loss"], abs=1e-5)
    assert data["path"][-1] == pytest.approx([0, 0])
    assert data["loss"].shape == (5, 5)
    corner = (
        path[-1]
        + data["a"][1] * descent_path.principal_plane(path)[0][0]
        + data["b"][3] * descent_path.principal_plane(path)[0][1]
    )
    torch.nn.utils.vector_to_parameters(torch.as_tensor(corner, dtype=torch.float32), module.parameters())
    from weightspace.networks.training import LOSSES

    assert data["loss"][1, 3] == pytest.approx(LOSSES["rms"](module(images), labels).item(), abs=1e-5)
