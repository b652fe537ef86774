"""Cones, great circles, dimension and their figures against closed forms, plain loops and cases that are known."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError
from weightspace.data.hypercube import random_patterns
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import pack
from weightspace.figures.angles import draw_angles
from weightspace.figures.cones_on_hypersphere import cone_rim, draw_cones_on_hypersphere, turnable_cones
from weightspace.figures.objective_and_cones import draw_objective_and_cones
from weightspace.figures.style import save
from weightspace.networks.weight_layers import from_vector, logits, to_vector
from weightspace.report.about_weight_space import paragraph
from weightspace.symmetry.equioutput_group import apply, random_transformation
from weightspace.weight_space import cones, dimension, great_circles
from weightspace.weight_space.cone_points import nearest_copies
from weightspace.weight_space.pattern_groups import GROUPS, balanced_groups, flip_towards, make_pools
from weightspace.weight_space.small_training import initial_layers, loss_of, targets_of, train_small
from weightspace.weight_space.sphere_embedding import embed

ROOT = Path(__file__).parent.parent
CLASSES = 10


def rng(seed):
    return np.random.default_rng(seed)


# --- pattern groups
# ---------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(1, 12), st.integers(1, 30), st.integers(0, 10**6))
def test_nearest_image_is_that_of_all_distances(size, queries, images, seed):
    asked, given_ = (
        random_patterns(queries, size, generator=rng(seed)),
        random_patterns(images, size, generator=rng(seed + 1)),
    )
    apart = (asked[:, None] != given_[None]).sum(axis=2)
    distance, index = ImageSearch(pack(given_ > 0)).nearest(pack(asked > 0))
    assert (distance == apart.min(axis=1)).all()
    assert (index == apart.argmin(axis=1)).all()


@pytest.mark.parametrize("hidden", [(7,), (6, 5)])
def test_flips_follow_the_gradient_of_the_lead(hidden):
    layers = initial_layers((20, *hidden, CLASSES), generator=rng(0))
    patterns, wanted = random_patterns(15, 20, generator=rng(1)), rng(2).integers(0, CLASSES, 15)
    once = flip_towards(layers, patterns, wanted, 1)
    for before, after, goal in zip(patterns.astype(float), once, wanted, strict=True):
        outputs = logits(layers, before[None])[0]
        if outputs.argmax() == goal:
            assert (before == after).all()
            continue
        rival = np.delete(np.arange(CLASSES), goal)[np.delete(outputs, goal).argmax()]

        def lead(at, goal=goal, rival=rival):
            found = logits(layers, at[None])[0]
            return found[goal] - found[rival]

        step = 1e-5
        slopes = np.array(
            [(lead(before + step * unit) - lead(before - step * unit)) / (2 * step) for unit in np.eye(20)]
        )
        assert np.flatnonzero(before != after).tolist() == [(-2 * before * slopes).argmax()]


@pytest.fixture(scope="module")
def base(mnist_patterns):
    layers = initial_layers((784, 12, CLASSES), generator=rng(0))
    train_small(
        layers,
        mnist_patterns.train(slice(0, 2000)),
        mnist_patterns.train_labels[:2000],
        steps=300,
        batch_size=50,
        learning_rate=0.1,
        generator=rng(1),
    )
    return layers


@pytest.fixture(scope="module")
def pools(base, mnist_patterns):
    return make_pools(
        base, mnist_patterns, ImageSearch(mnist_patterns.packed_train), radius=12, candidates=400, generator=rng(3)
    )


def test_pools_are_what_they_are_called(pools, base, mnist_patterns):
    images = mnist_patterns.train().astype(np.float32)
    for kind, pool in pools.items():
        sample = slice(0, 40)
        overlap = pool.patterns[sample].astype(np.float32) @ images.T
        distance = ((784 - overlap.max(axis=1)) / 2).astype(int)
        model = logits(base, pool.patterns[sample].astype(float)).argmax(axis=1)
        assert (model == pool.model[sample]).all()
        assert (mnist_patterns.train_labels[overlap.argmax(axis=1)] == pool.nearest[sample]).all()
        right = model == pool.nearest[sample]
        if kind == "training":
            assert (distance == 0).all()
        elif kind == "irrelevant":
            assert (distance > 12).all()
        else:
            assert ((distance > 0) & (distance <= 12)).all()
            assert right.all() if kind == "generalised" else not right.any()


def test_groups_are_balanced_and_equal(pools):
    groups = balanced_groups(pools, patterns=40, classes=CLASSES, generator=rng(0))
    assert {key[0] for key in groups} == set(GROUPS)
    sizes = {len(labels) for _, labels in groups.values()}
    assert len(sizes) == 1
    for patterns, labels in groups.values():
        assert len(np.unique(np.bincount(labels, minlength=CLASSES))) == 1
        assert len(patterns) == len(labels)


def test_groups_without_candidates_of_a_class_are_refused(pools):
    from dataclasses import replace

    few = pools | {"irrelevant": replace(pools["irrelevant"], model=np.zeros_like(pools["irrelevant"].model))}
    with pytest.raises(ValueError, match="a class has no patterns of some group"):
        balanced_groups(few, patterns=40, classes=CLASSES, generator=rng(0))


# --- caps, radii and angles
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimensions", [3, 10, 200, 1000])
@pytest.mark.parametrize("degrees", [20, 60, 89, 90, 91, 150])
def test_cap_is_the_incomplete_beta_function(dimensions, degrees):
    half = 0.5 * special.betainc((dimensions - 1) / 2, 0.5, np.sin(np.radians(degrees)) ** 2)
    share = half if degrees <= 90 else 1 - half
    if share > 1e-300:
        assert cones.log10_cap(degrees, dimensions) == pytest.approx(np.log10(share), rel=1e-6, abs=1e-9)


def test_cap_of_thousands_of_dimensions_is_the_asymptotic_one():
    """For large d a cap is nearly ``sin^(d−1) θ / (√(2 π d) cos θ)`` of the sphere."""
    dimensions, angle = 12_730, np.radians(60)
    expected = (dimensions - 1) * np.log10(np.sin(angle)) - np.log10(np.sqrt(2 * np.pi * dimensions) * np.cos(angle))
    assert cones.log10_cap(60, dimensions) == pytest.approx(expected, abs=1e-3)
    assert cones.log10_cap(0, 10) == -np.inf
    assert cones.log10_cap(180, 10) == 0


def test_copies_of_sixteen_units():
    assert cones.log10_replicas(16) == pytest.approx(np.log10(2.0**16) + np.log10(float(np.prod(np.arange(1.0, 17)))))


def test_radius_and_medoid_of_a_line():
    positions = np.array([0.0, 1, 2, 3, 40])
    angles = np.abs(positions[:, None] - positions)
    assert cones.medoid(angles) == 2
    assert cones.angular_radius(angles) == pytest.approx(np.percentile([2, 1, 1, 38], 95))


def test_jackknife_of_a_mean_is_its_t_interval():
    values = rng(0).standard_normal(12)
    found = cones.jackknife(lambda kept: values[kept].mean(), np.arange(12))
    half = special.stdtrit(11, 0.975) * values.std(ddof=1) / np.sqrt(12)
    assert (found["low"], found["high"]) == pytest.approx((values.mean() - half, values.mean() + half))
    assert cones.jackknife(lambda kept: 1.0, np.arange(2), bounds=(0, 3))["high"] == 3  # two seeds show no spread


def test_nearest_copies_undo_transformations():
    network, like = initial_layers((9, 5, CLASSES), generator=rng(0)), cones.shapes(9, 5, CLASSES)
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


# --- great circles
# ---------------------------------------------------------------------------------------


def small_task(inputs=15, count=12):
    return random_patterns(count, inputs, generator=rng(1)).astype(float), rng(2).integers(0, CLASSES, count)


def test_tangent_is_at_a_right_angle_and_as_long():
    matrix = rng(0).standard_normal((4, 7))
    sideways = great_circles.tangent(matrix, rng(1))
    assert (matrix * sideways).sum() == pytest.approx(0, abs=1e-10)
    assert np.linalg.norm(sideways) == pytest.approx(np.linalg.norm(matrix))


def test_fields_mixed_are_those_of_weights_mixed():
    network, (patterns, _) = initial_layers((15, 4, CLASSES), generator=rng(0)), small_task()
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
    network, task = initial_layers((15, 4, CLASSES), generator=rng(0)), small_task()
    network[1][1][:] = 0
    loss, kind = great_circles.follow_circle(
        network, task, task, degrees=np.array([0.0, 90, 180]), threshold=0.5, generator=rng(4)
    )
    assert loss[0] == pytest.approx(loss[2])
    assert loss[0] != pytest.approx(loss[1])
    assert kind[0] == kind[2]


def test_classes_need_all_training_patterns_and_enough_others():
    labels, outputs = np.array([0, 1, 2, 3]), np.eye(4) * 2
    assert great_circles.classify(outputs, labels, 2, threshold=0.5) == 0
    assert great_circles.classify(outputs[[1, 1, 2, 0]], labels, 2, threshold=0.5) == 1
    assert great_circles.classify(outputs[[1, 1, 0, 0]], labels, 2, threshold=0.5) == 2


def test_loss_levels_count_orders_without_return():
    paths = {0: [0, 0, 1, 2, 2, 1, 0], 1: [0, 1, 1, 2, 2, 2, 2], 2: [0, 2, 1, 2, 2, 2, 2]}
    degrees = np.linspace(0, 180, 7)
    rows = [
        pd.DataFrame({"seed": seed, "circle": circle, "degrees": degrees, "loss": degrees / 180, "kind": path})
        for seed in (0, 1)
        for circle, path in paths.items()
    ]
    table = great_circles.summarise(pd.concat(rows, ignore_index=True), bins=2)
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
    assert sphere["loss"].shape == (8, 4)
    assert np.ptp(sphere["loss"][:, 0]) == pytest.approx(0, abs=1e-12)  # all directions leave from the same weights
    with pytest.raises(ValueError, match="0 of 6 networks learnt their 20 patterns without error, 2 are wanted"):
        great_circles.measure_circles(mnist_patterns, **options, training={**training, "steps": 1})


# --- dimension
# ---------------------------------------------------------------------------------------


def test_descent_in_the_span_is_descent():
    patterns, labels = small_task(inputs=30, count=9)
    layers, targets = initial_layers((30, 6, CLASSES), generator=rng(5)), targets_of(labels, CLASSES)
    reduced, coordinates = dimension.in_span(layers, patterns)
    assert coordinates.shape == (9, 9)
    steps = [
        dimension.steps_to_loss(weights, inputs, targets, loss=0.55, learning_rate=0.3, most=500)
        for weights, inputs in ((layers, patterns), (reduced, coordinates))
    ]
    assert steps[0] == steps[1]
    assert 5 < steps[0] < 500


def test_steps_to_loss_count_from_zero_to_the_most():
    patterns, labels = small_task()
    layers, targets = initial_layers((15, 4, CLASSES), generator=rng(0)), targets_of(labels, CLASSES)
    start = loss_of(logits(layers, patterns), targets)
    assert dimension.steps_to_loss(layers, patterns, targets, loss=start, learning_rate=0.1, most=9) == 0
    assert dimension.steps_to_loss(layers, patterns, targets, loss=0.01, learning_rate=0.1, most=9) == 9


def test_slope_is_that_of_a_power_law():
    rows = [
        {
            "width": w,
            "weights": 10 * w,
            "phase": "measured",
            "seed": seed,
            "learning_rate": 0.1,
            "steps": round(1e6 * (1 + seed) / w**0.5),
            "reached": True,
        }
        for w in (4, 16, 64)
        for seed in range(3)
    ]
    table = dimension.summarise(pd.DataFrame(rows))
    slope = table[table.quantity == "slope"].iloc[0]
    assert slope.estimate == pytest.approx(-0.5, abs=1e-4)
    assert (slope.n, slope.seeds) == (9, 3)


# --- figures
# ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained():
    """Networks of three seeds, groups and both labellings and starts, untrained, which is enough to draw."""
    rows, weights = [], []
    for seed in range(4):
        for group in GROUPS:
            for labelling in ("model", "nearest"):
                for start in cones.STARTS:
                    rows.append(
                        {
                            "seed": seed,
                            "group": group,
                            "labelling": labelling,
                            "start": start,
                            "patterns": 20,
                            "error": 0.0,
                        }
                    )
                    weights.append(to_vector(initial_layers((9, 3, CLASSES), generator=rng(len(weights)))))
    return pd.DataFrame(rows), np.stack(weights)


def test_cones_table_and_figures(trained, tmp_path):
    from weightspace.weight_space.cone_points import place_on_sphere

    networks, weights = trained
    like, data = cones.shapes(9, 3, CLASSES), {"patterns": 20, "seeds": 4, "dimensions": weights.shape[1], "hidden": 3}
    plain, least = np.full((2, len(networks), len(networks)), np.nan)
    for (labelling, start), places in cones.cells(networks).items():
        square = np.ix_(places, places)
        plain[square], least[square] = cones.measure_angles(weights[places], like)
        if labelling == "model":
            placed = place_on_sphere(
                networks.group.to_numpy()[places], weights[places], least[square], like, generator=rng(0)
            )
            data |= {f"{start}_{name}": values for name, values in placed.items()}
    assert np.nanmax(least - plain) < 1e-6
    table = cones.summarise(networks, plain, least, dimensions=weights.shape[1], hidden=3)
    assert (table.low <= table.estimate).all()
    assert (table.estimate <= table.high).all()
    within = table[(table.quantity == "angle") & (table.group == "training") & (table.other == "training")].set_index(
        ["labelling", "start"]
    )
    places = np.flatnonzero(
        (networks.group == "training") & (networks.labelling == "model") & (networks.start == "shared")
    )
    block = least[np.ix_(places, places)]
    assert within.loc[("model", "shared"), "estimate"] == pytest.approx(
        np.mean([block[i, j] for i in range(4) for j in range(i)])
    )
    assert turnable_cones(data).to_json() == turnable_cones(data).to_json()
    for figure in (draw_angles(table), draw_cones_on_hypersphere(data)):
        save(figure, tmp_path / "a.svg", tmp_path / "a.png")
        assert (tmp_path / "a.png").stat().st_size > 10_000


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


def test_initial_layers_are_those_of_pytorch():
    """Uniform within ± 1/√fan-in, weights and biases alike."""
    widths = (400, 30, 10)
    for (weights, biases), (inputs, units) in zip(
        initial_layers(widths, generator=rng(0)), pairwise(widths), strict=True
    ):
        assert weights.shape == (units, inputs)
        assert biases.shape == (units,)
        assert np.abs(weights).max() <= inputs**-0.5
        assert weights.std() == pytest.approx(inputs**-0.5 / 3**0.5, rel=0.1)
    layers = initial_layers(widths, generator=rng(0))
    assert to_vector(from_vector(to_vector(layers), layers)) == pytest.approx(to_vector(layers))


# --- what the configuration refuses
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("binary_weights", "models", "committee", "inputs"),
            9,
            r"inputs is 9; allowed: units times inputs at most 25; here they are 27, whose",
        ),
        (
            ("binary_weights", "models", "perceptron", "inputs"),
            11,
            "inputs is 11; allowed: a square number, 9 or 25, for the task digits",
        ),
        (("binary_weights", "patterns"), [4, 2], "patterns is .*; allowed: numbers in ascending order"),
        (("matrices", "digits"), [2, 2], "digits makes 4 pixels; allowed: as many as weight_space.matrices.neurons, 6"),
        (
            ("cones", "network"),
            "tanh_mlp_grey",
            "cones.network is 'tanh_mlp_grey, of another kind'; allowed: one of run.networks",
        ),
        (("cones", "batch_size"), 300, "batch_size is 300; allowed: at most the number of patterns, 200"),
        (
            ("loss_levels", "training", "batch_size"),
            300,
            "batch_size is 300; allowed: at most the number of patterns, 200",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(path, value, message):
    config = load_configuration()
    *parents, last = path
    section = config["weight_space"]
    for key in parents:
        section = section[key]
    section[last] = value
    with pytest.raises(ConfigError, match=message):
        check_config(config)


def test_paragraph_names_the_numbers():
    numbers = {"estimate": -12.0, "low": -13.0, "high": -11.0, "n": 4, "seeds": 4}
    volumes = pd.DataFrame([{"gain": 1.0, "quantity": name, **numbers} for name in ("W_e", "W_g")])
    partition = pd.DataFrame(
        [
            {
                "model": "perceptron",
                "weights": 25,
                "task": "teacher",
                "patterns": 40,
                "class": "exact",
                **numbers,
                "estimate": 0.1,
            }
        ]
    )
    quantities = ("angle", "log10_cone_and_copies")
    others = ("training", "adversarial_and_irrelevant")
    cell = {"labelling": "model", "start": "independent", "group": "training"}
    found = pd.DataFrame(
        [{**cell, "other": other, "quantity": quantity, **numbers} for other in others for quantity in quantities]
    )
    levels = pd.DataFrame(
        [
            {"arc": arc, "quantity": "ordered", **numbers, "estimate": 0.5, "low": 0.4, "high": 0.6}
            for arc in ("quarter", "half")
        ]
    )
    text = paragraph(volumes, partition, found, levels, pd.DataFrame([{"quantity": "slope", **numbers}]))
    for expected in ("10^-12.0", "40 (teacher)", "50 (40 to 60) %", "to the power -12.00"):
        assert expected in text
