"""Great circles through trained weights against weights written out, and cases that are known."""

import numpy as np
import pandas as pd
import pytest
from made_weights import rng, small_task

from weightspace.figures.objective_and_cones import draw_objective_and_cones
from weightspace.figures.style import save
from weightspace.networks.weight_layers import logits, random_layers
from weightspace.weight_space import great_circles

CLASSES = 10


def test_tangent_is_at_a_right_angle_and_as_long():
    matrix = rng(0).standard_normal((4, 7))
    sideways = great_circles.tangent(matrix, rng(1))
    assert (matrix * sideways).sum() == pytest.approx(0, abs=1e-10)
    assert np.linalg.norm(sideways) == pytest.approx(np.linalg.norm(matrix))


def test_fields_mixed_are_those_of_weights_mixed():
    network, (patterns, _) = random_layers((15, 4, CLASSES), generator=rng(0)), small_task()
    start = great_circles.joined(network)
    sideways = [great_circles.tangent(matrix, rng(3)) for matrix in start]
    angle = 0.7
    (found,) = great_circles.mix(start, sideways, patterns, [(np.cos(angle), np.sin(angle))])
    layers = [
        (m[:, :-1], m[:, -1])
        for m in (np.cos(angle) * a + np.sin(angle) * b for a, b in zip(start, sideways, strict=True))
    ]
    assert found == pytest.approx(logits(layers, patterns))


def test_half_a_turn_gives_a_copy_but_for_the_output_biases():
    """docs/weight_volume.md: with all signs changed, an odd hidden layer answers alike, the output biases apart."""
    network, task = random_layers((15, 4, CLASSES), generator=rng(0)), small_task()
    network[1][1][:] = 0
    loss, kind = great_circles.follow_circle(
        network, task, task, degrees=np.array([0.0, 90, 180]), threshold=0.5, generator=rng(4)
    )
    assert loss[0] == pytest.approx(loss[2])
    assert loss[0] != pytest.approx(loss[1])
    assert kind[0].tolist() == kind[2].tolist()


def test_classes_need_all_training_patterns_and_enough_others():
    labels, outputs = np.array([0, 1, 2, 3]), np.eye(4) * 2
    assert great_circles.classify(outputs, labels, 2, threshold=0.5) == 0
    assert great_circles.classify(outputs[[1, 1, 2, 0]], labels, 2, threshold=0.5) == 1
    assert great_circles.classify(outputs[[1, 1, 0, 0]], labels, 2, threshold=0.5) == 2


def circle_rows(networks, degrees):
    """Rows of circles: seed to circle to its classes; with exchanged images none is exact."""
    rows = [
        pd.DataFrame({"seed": seed, "circle": circle, "degrees": degrees, "loss": degrees / 180, "kind": path})
        for seed, paths in networks.items()
        for circle, path in paths.items()
    ]
    return pd.concat(rows, ignore_index=True).assign(exchanged=2)


def test_most_ordered_counts_networks_and_not_circles():
    """Two networks of three have one ordered circle of three, the third has all: 5 of 9 circles, 1 of 3 networks."""
    degrees, good, bad = np.array([0.0, 45, 90]), [0, 1, 2], [0, 2, 1]
    networks = {seed: {0: good, 1: bad, 2: bad} for seed in (0, 1)} | {2: {0: good, 1: good, 2: good}}
    table = great_circles.summarise(circle_rows(networks, degrees), bins=2).set_index(["arc", "quantity"])
    most = table.loc[("quarter", "most_ordered")]
    assert (most.estimate, most.n, most.seeds) == (pytest.approx(1 / 3), 3, 3)
    assert most.interval == "clopper-pearson"
    assert table.loc[("quarter", "ordered")].estimate == pytest.approx(5 / 9)
    half_of_two = great_circles.summarise(circle_rows({0: {0: good, 1: bad}}, degrees), bins=2)
    assert half_of_two[half_of_two.quantity == "most_ordered"].estimate.eq(0).all()  # half is not most


def test_exchanged_images_change_which_ones_must_all_be_right():
    """A network that errs on one held-out image is exact until that image is exchanged into the training set."""
    network, (patterns, _) = random_layers((15, 4, CLASSES), generator=rng(0)), small_task()
    labels = logits(network, patterns).argmax(axis=1)
    labels[-1] = (labels[-1] + 1) % CLASSES
    training, held = (patterns[:6], labels[:6]), (patterns[6:], labels[6:])
    options = {"degrees": np.array([0.0]), "threshold": 0.5}
    for order, expected in ((np.arange(12), [0, 0]), (np.roll(np.arange(12), 1), [0, 1])):
        _, kind = great_circles.follow_circle(network, training, held, exchanged=order, generator=rng(1), **options)
        assert kind[0].tolist() == expected


def test_loss_levels_count_orders_without_return():
    paths = {0: [0, 0, 1, 2, 2, 1, 0], 1: [0, 1, 1, 2, 2, 2, 2], 2: [0, 2, 1, 2, 2, 2, 2]}
    degrees = np.linspace(0, 180, 7)
    table = great_circles.summarise(circle_rows({0: paths, 1: paths}, degrees), bins=2)
    ordered = table[table.quantity == "ordered"].set_index("arc")
    assert ordered.loc["quarter", "estimate"] == pytest.approx(2 / 3)
    assert ordered.loc["half", "estimate"] == pytest.approx(1 / 3)
    at = table[(table.quantity == "share") & (table.degrees == 30)].set_index("class")
    assert at.estimate.to_dict() == pytest.approx({"exact": 1 / 3, "generalised": 1 / 3, "neither": 1 / 3})
    assert table[table.quantity == "share_by_loss"].groupby("loss_from").estimate.sum().to_numpy() == pytest.approx(1)


def test_circles_leave_out_networks_that_still_err(mnist_patterns):
    options = {
        "hidden": 16,
        "patterns": 20,
        "held_out": 30,
        "threshold": 0.5,
        "circles": 2,
        "points": 5,
        "map_points": 4,
        "seeds": 2,
    }
    training = {"batch_size": 20, "learning_rate": 0.1}
    rows, sphere = great_circles.measure_circles(mnist_patterns, **options, training={**training, "steps": 600})
    assert set(rows[rows.degrees == 0].kind) == {0}
    assert 0 not in set(rows[rows.degrees == 0].exchanged)  # it errs on held-out images, of which some changed places
    assert sphere["loss"].shape == (8, 4)
    assert np.ptp(sphere["loss"][:, 0]) == pytest.approx(0, abs=1e-12)  # all directions leave from the same weights
    with pytest.raises(ValueError, match="0 of 6 networks learnt their 20 patterns without error, 2 are wanted"):
        great_circles.measure_circles(mnist_patterns, **options, training={**training, "steps": 1})


def test_figure_7_is_drawn(mnist_patterns, tmp_path):
    options = {
        "hidden": 16,
        "patterns": 20,
        "held_out": 30,
        "threshold": 0.5,
        "circles": 2,
        "points": 13,
        "map_points": 7,
        "seeds": 2,
    }
    rows, sphere = great_circles.measure_circles(
        mnist_patterns, **options, training={"batch_size": 20, "learning_rate": 0.1, "steps": 600}
    )
    figure = draw_objective_and_cones(rows, sphere, great_circles.summarise(rows, bins=3))
    save(figure, tmp_path / "a.svg", tmp_path / "a.png")
    assert [axes.get_title() for axes in figure.axes] == [
        "Loss along great circles",
        "Class by angle",
        "On a sphere, laid flat",
    ]
