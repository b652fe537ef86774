"""Barriers between networks: of copies, of small networks against all copies, and beside weight matching as others do
it.
"""

import itertools
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from made_weights import drawn, network, rng
from reference_rebasin import weight_matching

from weightspace.estimates import jackknife
from weightspace.figures.barriers import draw_barriers
from weightspace.networks import training
from weightspace.networks.gradient_steps import train
from weightspace.networks.weight_layers import logits
from weightspace.symmetry import alignment, barriers
from weightspace.symmetry.equioutput_group import apply, random_transformation, transformations

IMAGES = rng(0).choice([-1.0, 1.0], size=(40, 4))
LABELS = rng(1).integers(3, size=40)


def measure(layers, activation=np.tanh, loss="rms"):
    return barriers.loss_and_error(logits(layers, IMAGES, activation=activation), LABELS, loss)


def learnt(widths, seed):
    layers = network(widths, seed)
    options = {"steps": 60, "batch_size": 20, "learning_rate": 0.3}
    train(layers, IMAGES, 2 * np.eye(3)[LABELS] - 1, **options, generator=rng(seed))
    return layers


@pytest.mark.parametrize("widths", [(6,), (5, 4)])
@pytest.mark.parametrize(
    ("kind", "activation", "loss"), [("signs", np.tanh, "rms"), ("scales", lambda z: z.clip(0), "cross_entropy")]
)
def test_a_copy_of_a_network_has_no_barrier_to_it(widths, kind, activation, loss):
    layers = learnt(widths, 0)
    copy = apply(random_transformation(widths, generator=rng(1), kind=kind), layers)
    of = partial(measure, activation=activation, loss=loss)
    assert alignment.distance(layers, copy) > 1
    assert kind == "scales" or barriers.barrier(layers, copy, of, points=5)[0] > 0.01
    nearest = apply(alignment.align(layers, copy, kind=kind).transformation, copy)
    assert barriers.barrier(layers, nearest, of, points=5).max() < 1e-12


def test_a_barrier_is_the_largest_excess_over_the_line_between_the_ends():
    """One weight w on the line from -1 to 3, whose loss w^4 - 4 w^2 is known."""
    at = [[(np.array([[value]]), np.array([0.0]))] for value in (-1.0, 3.0)]
    found = barriers.barrier(*at, lambda layers: np.array([_quartic(layers[0][0][0, 0]), 0.0]), points=3)
    excess = [_quartic(-1 + 4 * share) + 3 - 48 * share for share in (0.25, 0.5, 0.75)]
    assert max(excess) < 0 == found[0]
    down = barriers.barrier(*at, lambda layers: np.array([-_quartic(layers[0][0][0, 0]), 0.0]), points=3)
    assert down[0] == -min(excess)


def _quartic(w):
    return w**4 - 4 * w**2


@pytest.mark.parametrize("units", [1, 3, 5])
def test_the_least_barrier_is_that_of_all_copies(units):
    first, second = learnt((units,), 0), learnt((units,), 1)
    found = barriers.barrier(first, barriers.least_barrier(first, second, measure, points=3), measure, points=3)[0]
    every = [
        barriers.barrier(first, apply(element, second), measure, points=3)[0]
        for element in itertools.islice(transformations((units,)), 0, None, 1 if units < 5 else 50)
    ]
    assert found <= min(every) + 1e-15
    nearest = apply(alignment.align(first, second).transformation, second)
    assert found <= barriers.barrier(first, nearest, measure, points=3)[0]
    if units < 5:
        assert found == min(every)


def test_the_middle_of_the_line_must_be_among_the_points():
    with pytest.raises(ValueError, match=r"^points is 4; allowed: odd numbers"):
        barriers.least_barrier(learnt((2,), 0), learnt((2,), 1), measure, points=4)


@pytest.mark.parametrize("widths", [(7,), (6, 5), (5, 4, 3)])
def test_our_distance_is_at_most_that_of_weight_matching(widths):
    """Of the peer's group ours is the larger one, and of its own the best copy is exact for one hidden layer."""
    for first, second in itertools.combinations([learnt(widths, seed) for seed in range(4)], 2):
        theirs = alignment.distance(first, weight_matching(first, second))
        alone = alignment.align(first, second, kind="interchanges")
        assert alignment.align(first, second).distance <= theirs * (1 + 1e-12)
        if alone.exact:
            assert alone.distance == pytest.approx(theirs, rel=1e-12)


def test_barriers_are_the_same_in_the_directions_that_networks_see():
    images = rng(2).choice([-1.0, 1.0], size=(30, 40))
    networks = [network((3,), seed, inputs=40) for seed in range(3)]
    fewer, inputs = barriers.seen_through(networks, images)
    assert inputs.shape == (30, 9)
    for layers, small in zip(networks, fewer, strict=True):
        np.testing.assert_allclose(logits(small, inputs), logits(layers, images), atol=1e-12)
    assert alignment.distance(*fewer[:2]) == pytest.approx(alignment.distance(*networks[:2]), rel=1e-12)


@pytest.mark.parametrize("loss", barriers.LOSSES)
def test_losses_are_those_of_training(loss):
    values = 3 * rng(3).standard_normal((50, 3))
    labels = rng(4).integers(3, size=50)
    expected = training.LOSSES[loss](torch.as_tensor(values), torch.as_tensor(labels)).item()
    found = barriers.loss_and_error(values, labels, loss)
    assert found == pytest.approx([expected, (values.argmax(1) != labels).mean()], rel=1e-6)


def test_small_networks_from_training_to_the_table():
    rows = barriers.measure_small(
        IMAGES,
        2 * np.eye(3)[LABELS] - 1,
        (IMAGES, LABELS),
        widths=[2, 4],
        steps=[5, 20],
        seeds=4,
        enumerated=2,
        points=3,
        batch_size=20,
        learning_rate=0.3,
    )
    table = barriers.summarise(pd.DataFrame(rows))
    head = table[(table.compared_with == "nothing") & (table.quantity == "loss_barrier")]
    assert set(zip(head.hidden, head.training, strict=True)) == {
        (width, f"{steps} steps") for width in (2, 4) for steps in (5, 20)
    }
    assert set(head[head.hidden == 2].transformation) == {"none", "interchanges", "signs", "least_barrier"}
    assert set(head[head.hidden == 4].transformation) == {"none", "interchanges", "signs"}
    assert (head.n == 6).all()
    assert (head.seeds == 4).all()
    figure = draw_barriers(table)
    size, texts = drawn(figure)
    assert size > 5000
    assert {"2 units, 5 steps", "4 units, 20 steps"} <= {label.get_text() for label in figure.axes[0].get_yticklabels()}
    assert "loss above that of the ends" in texts
    frame = pd.DataFrame(rows).set_index(["hidden", "training", "transformation"])
    wide = {way: frame.loc[2, "20 steps", way].reset_index() for way in ("signs", "least_barrier")}
    change = (wide["least_barrier"].loss_barrier - wide["signs"].loss_barrier).mean()
    assert change <= 0
    mine = (table.hidden == 2) & (table.training == "20 steps") & (table.quantity == "loss_barrier")
    assert table[mine & (table.compared_with == "signs")].estimate.item() == pytest.approx(change)
    distances = table[(table.quantity == "distance") & (table.compared_with != "nothing")]
    assert (distances[distances.transformation != "least_barrier"].estimate <= 0).all()


def test_the_interval_of_a_mean_over_pairs_is_over_seeds():
    pairs = pd.DataFrame(list(itertools.combinations(range(5), 2)), columns=["first", "second"])
    values = pairs.assign(value=pairs["first"] + pairs["second"] ** 2).set_index(["first", "second"]).value
    found = barriers.over_pairs(values, np.arange(5), bounds=(0, np.inf))
    expected = jackknife(lambda kept: np.mean([a + b**2 for a, b in itertools.combinations(kept, 2)]), np.arange(5))
    assert found["n"] == 10
    assert (found["estimate"], found["low"]) == pytest.approx((expected["estimate"], max(0, expected["low"])))
