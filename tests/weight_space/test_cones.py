"""Cones: caps, radii, angles and intervals against closed forms, and what table and figures show."""

import numpy as np
import pandas as pd
import pytest
from made_weights import rng
from scipy import special

from weightspace.figures.cones import draw_angles, draw_cones_on_hypersphere, turnable_cones
from weightspace.figures.style import save
from weightspace.networks.weight_layers import random_layers, to_vector
from weightspace.weight_space import cones
from weightspace.weight_space.pattern_groups import GROUPS, Pool
from weightspace.weight_space.sphere_embedding import place_all

CLASSES = 10


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
    equal = cones.jackknife(lambda kept: 0.0, np.arange(10), bounds=(0, 1))
    assert (equal["interval"], equal["low"], equal["high"]) == ("all seeds equal", 0, pytest.approx(0.3085, abs=1e-4))


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
                    weights.append(to_vector(random_layers((9, 3, CLASSES), generator=rng(len(weights)))))
    return pd.DataFrame(rows), np.stack(weights)


def test_cones_table_and_figures(trained, tmp_path):
    networks, weights = trained
    like = cones.shapes(9, 3, CLASSES)
    plain, least = cones.angles_of_cells(networks, weights, like)
    assert np.nanmax(least - plain) < 1e-6
    cones.Cones(networks, weights, plain, least, like).save(tmp_path / "cones.npz")
    kept = cones.Cones.load(tmp_path / "cones.npz")
    assert kept.networks.equals(networks)
    table, data = cones.summarise(kept), place_all(kept)
    assert (table.low <= table.estimate).all()
    assert (table.estimate <= table.high).all()
    assert (table[table.quantity != "log10_copies"].low < table[table.quantity != "log10_copies"].high).all()
    assert set(table.interval) == {"t", "none", "all seeds equal"}
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


def pools_of(shift):
    """Four pools of 80 patterns of 30 bits in two classes; those of a kind share ``shift`` times its number of bits
    that say the class.
    """
    found = {}
    for number, kind in enumerate(("training", "generalised", "adversarial", "irrelevant")):
        labels = np.arange(80) % 2
        patterns = rng(number).choice(np.array([-1, 1], dtype=np.int8), size=(80, 30))
        patterns[:, shift * number : shift * number + 6] = np.where(labels == 0, 1, -1)[:, None]
        found[kind] = Pool(patterns, labels, 1 - labels if kind == "adversarial" else labels)
    return found


def apart(shift):
    training = {"steps": 400, "batch_size": 10, "learning_rate": 0.1}
    start = random_layers((30, 4, 2), generator=rng(0))
    rows = [
        {"seed": seed, **row}
        for seed in range(4)
        for row in cones.measure_apart(pools_of(shift), start, patterns=40, training=training, seed=seed)
    ]
    table = pd.DataFrame(list(cones._apart_rows(pd.DataFrame(rows))))
    return table.set_index(["group", "other", "quantity"])


def test_groups_of_one_kind_are_not_apart_and_groups_of_another_kind_are():
    """The planted fault: pools that differ in name only must not be found apart, or the measure is none."""
    same, other = apart(0), apart(6)
    key = ("training", "generalised", "angle_beyond_within")
    assert same.loc[key].low < 2
    assert abs(same.loc[key].estimate) < 2
    assert other.loc[key].estimate > same.loc[key].estimate + 2
    assert same.loc[("training", "changed_labels", "angle_beyond_within")].estimate > 5
    assert same.loc[("all", "all", "training_error_spread")].estimate <= 0.01
    assert (same.interval != "").all()


def test_spread_is_that_of_the_groups_furthest_from_one_another():
    rows = [
        {
            "seed": seed,
            "group": group,
            "other": group,
            "quantity": "training_error_apart",
            "value": value,
            "patterns": 8,
        }
        for seed in (0, 1)
        for group, value in (("training", 0.0), ("adversarial", 0.3), ("irrelevant", 0.1))
    ]
    spread = list(cones._apart_rows(pd.DataFrame(rows)))[-1]
    assert (spread["quantity"], spread["estimate"], spread["interval"]) == ("training_error_spread", 0.3, "none")
