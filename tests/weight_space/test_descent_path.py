"""The loss around the path of gradient descent."""

import numpy as np
import pytest
import torch

from weightspace.networks import architectures
from weightspace.weight_space import descent_path


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
