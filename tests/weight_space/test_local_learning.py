"""Local learning coefficients where the truth is known, and how often their intervals hold it.

WEIGHTSPACE_LONG=1 asks 100 intervals of each case instead of 25.
"""

import os

import numpy as np
import pytest
import torch
from made_weights import rng
from torch import nn

from weightspace.networks.training import LOSSES
from weightspace.weight_space import local_learning
from weightspace.weight_space.local_learning import deep_linear_coefficient
from weightspace.weight_space.module_objective import objective_of

REPEATS = 100 if os.environ.get("WEIGHTSPACE_LONG") else 25
CHAINS = 8


def bowl(dimensions):
    """A regular minimum with curvatures from 1/e to e: d / 2."""
    curvature = np.exp(np.linspace(-1, 1, dimensions))
    return lambda w: (np.square(w) @ curvature / 2, w * curvature)


def power(order):
    """``w^order`` in one dimension: 1 / order."""
    return lambda w: (w[:, 0] ** order, order * w ** (order - 1))


def crossing(w):
    """``w₁² w₂²``: 1/2, of order 2."""
    return np.prod(w**2, axis=1), 2 * w * (w**2)[:, ::-1]


def intervals(objective, dimensions, *, images, steps=1500):
    """So many estimates at 0, all chains of all of them run at once."""
    minima = np.zeros((REPEATS * CHAINS, dimensions))
    options = {"images": images, "localisation": 1.0, "steps": steps, "settling": 500}
    kept, accepted = local_learning.run_chains(objective, minima, **options, generator=rng(dimensions))
    return [local_learning.summarise(chains, accepted) for chains in kept.reshape(REPEATS, CHAINS, -1)]


@pytest.mark.parametrize(
    ("objective", "dimensions", "truth"),
    [(bowl(1), 1, 0.5), (bowl(6), 6, 3.0), (power(4), 1, 0.25)],
    ids=["regular 1", "regular 6", "w^4"],
)
def test_intervals_cover_the_truth(objective, dimensions, truth):
    found = intervals(objective, dimensions, images=1_000_000)
    assert sum(one.estimate.low <= truth <= one.estimate.high for one in found) >= 0.88 * REPEATS
    assert all(one.estimate.interval == "t" and 0.3 < one.accepted < 0.9 for one in found)
    assert np.median([one.mixing for one in found]) < 1.1


def test_where_two_powers_meet_the_estimate_is_too_low_by_the_inverse_of_the_logarithm():
    """The volume is ``ε^λ ln(1/ε)``, so the mean is about λ − 1 / ln(n β): what docs/theory.md says of the order."""
    found = intervals(crossing, 2, images=1_000_000)
    mean = np.mean([one.estimate.estimate for one in found])
    assert 0.5 - 2 / np.log(1e6 / np.log(1e6)) < mean < 0.5 - 0.5 / np.log(1e6 / np.log(1e6))
    assert sum(one.estimate.low <= 0.5 <= one.estimate.high for one in found) < 0.88 * REPEATS


def two_layers(inputs, hidden, outputs, rank):
    """Aoyagi & Watanabe (2005), reduced rank regression: coefficient and order, case by case."""
    m, h, n, r = inputs, hidden, outputs, rank
    if m + h < n + r:
        return (h * m - h * r + n * r) / 2, 1
    if n + h < m + r:
        return (h * n - h * r + m * r) / 2, 1
    if m + n < h + r:
        return m * n / 2, 1
    twice = -((h + r) ** 2) - m**2 - n**2 + 2 * (h + r) * (m + n) + 2 * m * n
    odd = (m + h + n + r) % 2
    return (twice + odd) / 8, 1 + odd


def test_deep_linear_networks_have_the_coefficients_of_reduced_rank_regression():
    for inputs in range(1, 6):
        for hidden in range(1, 6):
            for outputs in range(1, 6):
                for rank in range(min(inputs, hidden, outputs) + 1):
                    expected = two_layers(inputs, hidden, outputs, rank)
                    assert deep_linear_coefficient([inputs, hidden, outputs], rank) == pytest.approx(expected), (
                        inputs,
                        hidden,
                        outputs,
                        rank,
                    )


def test_chains_meet_the_losses_of_a_normal_density():
    """Twice `n β L` of one weight is then chi-square of one degree, whose median is 0.4549."""
    options = {"images": 100, "localisation": 1e-9, "steps": 200, "settling": 200}
    kept, _ = local_learning.run_chains(bowl(1), np.zeros((400, 1)), **options, generator=rng(3))
    assert abs(np.mean(2 * kept[:, -1] < 0.4549) - 0.5) < 0.08


def test_losses_and_slopes_of_a_module_are_those_of_torch():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    images, labels = rng(0).standard_normal((10, 4)), rng(1).integers(2, size=10)
    objective, own = objective_of(module, images, labels, loss="rms")
    assert own.shape == (23,)
    losses, slopes = objective(np.stack([own, own + 0.1]))
    expected = LOSSES["rms"](module.double()(torch.as_tensor(images)), torch.as_tensor(labels))
    expected.backward()
    assert losses[0] == pytest.approx(expected.item())
    gradient = torch.cat([part.grad.flatten() for part in module.parameters()])
    np.testing.assert_allclose(slopes[0], gradient.numpy(), atol=1e-12)
    assert losses[1] != losses[0]
    with pytest.raises(ValueError, match=r"^labels holds 4; allowed: integers from 0 to 1$"):
        objective_of(module, images, np.full(10, 4), loss="rms")
    with pytest.raises(ValueError, match=r"^network is a Sequential that cannot be run on images of shape \(10, 3\)"):
        objective_of(module, images[:, :3], labels, loss="rms")
