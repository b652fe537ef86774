"""Copies of networks: outputs, geometry, the nearest copy of a solution, and what figure and table show."""

import itertools

import numpy as np
import pandas as pd
import pytest
from made_weights import drawn, rng, table_and_example_of_copies, task

from weightspace.data.hypercube import random_patterns
from weightspace.figures.equioutput import draw_equioutput
from weightspace.networks import architectures, weight_layers
from weightspace.networks.weight_layers import random_layers
from weightspace.symmetry import (
    alignment,
    equioutput,
    equioutput_group,
)


def test_copies_are_told_from_what_is_no_copy():
    rows = pd.DataFrame(equioutput.measure_small(largest=3, patterns=20, generator=rng(0)))
    deviation = rows[rows.quantity == "output_deviation"].set_index(
        ["activation", "transformation", "hidden", "precision"]
    )["value"]
    assert deviation["tanh"].max() < 1e-6
    assert deviation["tanh"].xs("float64", level="precision").max() < 1e-14
    assert deviation["relu"].loc[["interchanges", "scales"]].max() < 1e-5
    assert deviation["relu"].loc["signs"].min() > 0.05
    assert rows.set_index(["activation", "hidden"]).loc[("tanh", 3)].n.max() == 48 * 20


CONVOLUTIONAL = {"architecture": "conv", "channels": [3, 4], "kernel": 3, "hidden": 6, "loss": "cross_entropy"}


DEEP = {"architecture": "mlp", "hidden": [6, 5, 4], "activation": "tanh", "loss": "rms"}


@pytest.mark.parametrize("definition", [CONVOLUTIONAL, DEEP])
def test_copies_of_networks_of_the_project_answer_alike(tmp_path, definition):
    module = architectures.build(definition, shape=(8, 8), classes=5, seed=0)
    architectures.Network(module, {"definition": definition, "shape": (8, 8), "classes": 5}).save(tmp_path / "model")
    patterns = random_patterns(20, 64, generator=rng(0))
    rows = equioutput.measure_network(
        architectures.Network.load(tmp_path / "model"), patterns, name="m", copies=3, generator=rng(1)
    )
    table = pd.DataFrame(rows).set_index(["quantity", "transformation", "precision"])["value"]
    allowed = ["signs"] if definition is DEEP else ["interchanges", "scales"]
    deviation = table["output_deviation"].unstack()
    assert deviation.loc[allowed, "float32"].max() < 1e-5
    assert deviation.loc[allowed, "float64"].max() < 1e-13
    if definition is CONVOLUTIONAL:
        assert deviation.loc["signs"].min() > 1e-3


def test_geometry_of_copies_is_that_of_all_pairs():
    """The mean over the group from one network is the mean over all pairs of copies."""
    layers = random_layers((3, 3, 2), generator=rng(0))
    elements = list(equioutput_group.transformations((3,)))
    rows = {row["quantity"]: row["value"] for row in equioutput.measure_geometry(layers, elements)}
    copies = [equioutput_group.apply(element, layers) for element in elements]
    pairs = [alignment.angle(a, b) for a, b in itertools.combinations(copies, 2)]
    assert rows["angle_mean"] == pytest.approx(np.mean(pairs))
    assert rows["angle_of_nearest_copy"] == pytest.approx(min(pairs))
    chords = [alignment.distance(a, b) for a, b in itertools.combinations(copies, 2)] / np.array(
        weight_layers.norm(layers)
    )
    assert rows["distance_mean"] == pytest.approx(np.mean(chords))
    assert rows["distance_of_nearest_copy"] == pytest.approx(min(chords))


def test_example_shows_copies():
    layers = random_layers((9, 6, 3), generator=rng(0))
    patterns = rng(1).choice([-1.0, 1.0], size=(10, 9))
    found = equioutput.example(layers, patterns, generator=rng(2), shown=4, units=3, copies=7)
    assert (len(found["angles_all"]), len(found["angles_drawn"])) == (47, 7)
    assert found["deviation"].max() < 1e-14
    for kind in range(4):
        expected = layers[0][0][found["unit"][kind]] * found["sign"][kind][:, None]
        assert (found["incoming"][kind] == expected).all()
    assert (found["sign"][:2] == 1).all()
    assert (found["unit"][[0, 2]] == np.arange(4)).all()


def test_table_of_copies():
    rows = pd.DataFrame(
        [
            {"seed": seed, **row}
            for seed in (0, 1)
            for row in equioutput.measure_small(largest=2, patterns=5, generator=rng(seed))
        ]
    )
    nearest = pd.DataFrame(
        [{"seed": seed, "hidden": 4, "quantity": "angle_per_doubling", "value": -1.0 - seed, "n": 1} for seed in (0, 1)]
    )
    table = equioutput.summarise(rows, nearest)
    assert not table.duplicated(list(equioutput.SETTING)).any()
    slope = table[table.weights == "trained_by_width"].iloc[0]
    assert (slope.estimate, slope.seeds) == (-1.5, 2)
    assert np.isnan([slope.low, slope.high]).all()  # two seeds have no interval, and a slope no bounds
    changed = table[(table.quantity == "answers_changed") & (table.activation == "tanh")]
    assert (changed.estimate == 0).all()
    assert (changed.high < 1).all()


def test_nearest_copy_is_nearer_than_the_solution_itself():
    learned = task()
    options = {"steps": 40, "batch_size": 20, "learning_rate": 0.1}
    rows = pd.DataFrame(
        equioutput.measure_nearest_copies(learned.images, learned.targets, widths=[2, 8], generator=rng(0), **options)
    )
    found = rows.pivot(index="hidden", columns="quantity", values="value")
    for width in (2, 8):  # so few units in so few dimensions that some flip always helps
        assert found.loc[width, "angle_of_random_start_to_nearest_copy"] < found.loc[width, "angle_of_random_start"] - 1
    assert (found["angle_of_own_start"] < 60).loc[[2, 8]].all()
    nearest = found["angle_of_random_start_to_nearest_copy"]
    slope = found.loc[0, "angle_of_random_start_to_nearest_copy_per_doubling"]
    assert slope == pytest.approx((nearest[8] - nearest[2]) / 2)


@pytest.fixture
def copies():
    return table_and_example_of_copies()


def test_figure_of_copies_names_units_and_angles(copies):
    table, example = copies
    size, texts = drawn(draw_equioutput(table, example))
    assert size > 5000
    for row in range(4):
        for unit, sign in zip(example["unit"][row], example["sign"][row], strict=True):
            assert f"{'−' if sign < 0 else ''}{unit + 1}" in texts
    nearest = table[(table.quantity == "angle_of_nearest_copy") & (table.weights == "tanh_mlp")].estimate.item()
    assert f"nearest\n{nearest:.1f}°" in texts


def nearest_rows(angles, wrong):
    """Rows of seeds: width to (angle beyond an untrained network's, share wrong), seed by seed."""
    return pd.DataFrame(
        {"seed": seed, "hidden": width, "quantity": quantity, "value": value, "n": 1}
        for seed in (0, 1, 2)
        for width in angles
        for quantity, value in ((equioutput.BEYOND, angles[width] + 0.1 * seed), ("train_error", wrong[width][seed]))
    )


def test_slope_leaves_out_widths_at_which_a_seed_has_not_learnt():
    """At width 2 one of three networks errs: its angle, which would turn the slope around, is left out and shown."""
    angles = {2: 50.0, 4: -1.0, 8: -3.0, 16: -5.0}
    rows = nearest_rows(angles, {2: [0, 0.5, 0], 4: [0, 0, 0], 8: [0, 0, 0], 16: [0, 0, 0]})
    copies = pd.DataFrame(equioutput.measure_small(largest=1, patterns=3, generator=rng(0))).assign(seed=0)
    table = equioutput.summarise(copies, rows).set_index(["weights", "quantity", "hidden"])
    slope = table.loc[("trained_by_width", "angle_beyond_untrained_per_doubling", 0)]
    assert (slope.estimate, slope.seeds) == (pytest.approx(-2), 3)
    assert table.loc[("trained_by_width", "angle_beyond_untrained", 2)].estimate == pytest.approx(50.1)
    assert equioutput.beyond_untrained_by_width(nearest_rows({2: 1.0, 4: 2.0}, {2: [0, 0, 1], 4: [0] * 3})).empty


def test_a_network_that_has_learnt_nothing_is_no_nearer_than_an_untrained_one():
    learned = task()
    options = {"steps": 1, "batch_size": 100, "learning_rate": 1e-12}  # batches of all 60 images, then
    rows = equioutput.measure_nearest_copies(
        learned.images, learned.targets, widths=[2, 8], generator=rng(0), **options
    )
    assert [row["value"] for row in rows if row["quantity"] == equioutput.BEYOND] == pytest.approx([0, 0], abs=1e-6)


def test_layers_are_stretched_one_by_one():
    own, other = random_layers((5, 4, 2), generator=rng(0)), random_layers((5, 4, 2), generator=rng(1))
    other[1][0][:] *= 7
    found = equioutput.of_same_lengths(own, other)
    for layer, like in zip(found, other, strict=True):
        assert weight_layers.norm([layer]) == pytest.approx(weight_layers.norm([like]))
    assert alignment.angle(found[:1], own[:1]) == pytest.approx(0, abs=1e-6)
