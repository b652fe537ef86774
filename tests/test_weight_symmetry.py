"""Measurements of the weight space's symmetries: output deviations, nearest copies, order during training, and the same
done to memories.
"""

import io
import itertools
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError
from weightspace.data.hypercube import all_patterns, random_patterns
from weightspace.figures import style
from weightspace.figures.equioutput import draw_equioutput
from weightspace.figures.ordering import draw_ordering
from weightspace.memories import hopfield, learning_rules, quadratic_rules
from weightspace.networks import architectures, training
from weightspace.networks.gradient_steps import descend, draw_batches
from weightspace.report.about_symmetry import paragraph
from weightspace.symmetry import (
    alignment,
    equioutput,
    equioutput_group,
    field_cone,
    gradient_steps,
    hopfield_symmetry,
    munificence,
    network_copies,
    ordering,
    weight_layers,
)
from weightspace.symmetry.equioutput import random_network

ROOT = Path(__file__).resolve().parents[1]
SEEDS = st.integers(0, 2**32 - 1)


def rng(seed):
    return np.random.default_rng(seed)


def task(images=60, pixels=6, classes=3, seed=0):
    """Random patterns with a constant pixel, and labels."""
    random = rng(seed)
    patterns = random.choice([-1.0, 1.0], size=(images, pixels))
    patterns[:, 2] = -1
    return ordering.Task.of(patterns, 2 * np.eye(classes)[random.integers(classes, size=images)] - 1)


def cell(**changes):
    return {"width": 5, "optimiser": "sgd", "learning_rate": 0.1, "gap": 0, "encoding": "signs"} | changes


def moved_layers(layers, function):
    return [tuple(function(part) for part in layer) for layer in layers]


# --- gradient descent against PyTorch
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("optimiser", gradient_steps.OPTIMISERS)
@pytest.mark.parametrize("hidden", [(5,), (5, 4)])
def test_steps_are_those_of_pytorch(optimiser, hidden):
    learned = task()
    layers = random_network((6, *hidden, 3), generator=rng(1))
    module = torch.nn.Sequential(*(torch.nn.Linear(a, b).double() for a, b in itertools.pairwise((6, *hidden, 3))))
    for linear, (weights, biases) in zip(module, layers, strict=True):
        linear.weight.data, linear.bias.data = torch.tensor(weights), torch.tensor(biases)
    rate = {"sgd": 0.1, "adam": 0.01, "rmsprop": 0.01}[optimiser]
    theirs = training.OPTIMISERS[optimiser](module.parameters(), lr=rate)
    batches = draw_batches(60, steps=20, batch_size=10, generator=rng(2))
    labels = learned.targets.argmax(axis=1)
    for batch, _ in zip(
        batches,
        descend(layers, learned.images, learned.targets, batches, optimiser=optimiser, learning_rate=rate),
        strict=True,
    ):
        values = torch.tensor(learned.images[batch])
        for linear in module[:-1]:
            values = torch.tanh(linear(values))
        loss = training.root_mean_square_error(module[-1](values), torch.tensor(labels[batch]))
        theirs.zero_grad()
        loss.backward()
        theirs.step()
    for linear, (weights, biases) in zip(module, layers, strict=True):
        np.testing.assert_allclose(weights, linear.weight.detach().numpy(), atol=1e-12)
        np.testing.assert_allclose(biases, linear.bias.detach().numpy(), atol=1e-12)


def test_a_perfect_network_stays_where_it_is():
    layers = [(np.array([[50.0]]), np.array([0.0])), (np.array([[50.0]]), np.array([0.0]))]
    for weights, biases in gradient_steps.gradients(layers, np.array([[1.0]]), np.array([[1.0]])):
        assert not weights.any()
        assert not biases.any()


def test_batches_take_every_image_once_a_pass():
    batches = draw_batches(10, steps=7, batch_size=3, generator=rng(0))
    assert batches.shape == (7, 3)
    for first in (0, 3):
        assert len(set(batches[first : first + 3].ravel())) == 9
    with pytest.raises(ValueError, match="batches of 11"):
        draw_batches(10, steps=1, batch_size=11, generator=rng(0))


# --- copies
# ---------------------------------------------------------------------------------------


@given(st.integers(1, 5), SEEDS)
@settings(deadline=None, max_examples=40)
def test_nearest_other_copy_is_the_nearest_of_all(units, seed):
    layers = random_network((3, units, 2), generator=rng(seed))
    everything = (
        equioutput_group.apply(copy, layers)
        for copy in itertools.islice(equioutput_group.transformations((units,)), 1, None)
    )
    nearest = min(alignment.distance(layers, copy) for copy in everything)
    assert alignment.nearest_other_copy(layers) == pytest.approx(nearest, rel=1e-9)


def test_nearest_other_copy_of_deeper_networks_is_an_upper_bound():
    layers = random_network((3, 2, 2, 2), generator=rng(0))
    everything = (
        equioutput_group.apply(copy, layers)
        for copy in itertools.islice(equioutput_group.transformations((2, 2)), 1, None)
    )
    assert alignment.nearest_other_copy(layers) >= min(alignment.distance(layers, copy) for copy in everything) - 1e-12


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
    module = architectures.build(definition, inputs=64, classes=5, seed=0)
    architectures.Network(module, {"definition": definition, "inputs": 64, "classes": 5}).save(tmp_path / "model")
    patterns = random_patterns(20, 64, generator=rng(0))
    rows = network_copies.measure_network(tmp_path / "model", patterns, name="m", copies=3, generator=rng(1))
    table = pd.DataFrame(rows).set_index(["quantity", "transformation", "precision"])["value"]
    allowed = ["signs"] if definition is DEEP else ["interchanges", "scales"]
    deviation = table["output_deviation"].unstack()
    assert deviation.loc[allowed, "float32"].max() < 1e-5
    assert deviation.loc[allowed, "float64"].max() < 1e-13
    if definition is CONVOLUTIONAL:
        assert deviation.loc["signs"].min() > 1e-3


def test_recurrent_networks_have_no_layers(tmp_path):
    definition = {"architecture": "recurrent", "cell": "tanh", "units": 4, "loss": "cross_entropy"}
    module = architectures.build(definition, inputs=64, classes=5, seed=0)
    with pytest.raises(ValueError, match=r"^the tensor 'layer.bias' is missing; allowed: NAME.weight and NAME.bias"):
        weight_layers.layers_of(module.state_dict())


def test_geometry_of_copies_is_that_of_all_pairs():
    """The mean over the group from one network is the mean over all pairs of copies."""
    layers = random_network((3, 3, 2), generator=rng(0))
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
    layers = random_network((9, 6, 3), generator=rng(0))
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
    assert slope.low < -2
    changed = table[(table.quantity == "answers_changed") & (table.activation == "tanh")]
    assert (changed.estimate == 0).all()
    assert (changed.high < 1).all()


# --- the nearest copy of a solution
# ---------------------------------------------------------------------------------------


def test_nearest_copy_is_nearer_than_the_solution_itself():
    learned = task()
    options = {"steps": 40, "batch_size": 20, "learning_rate": 0.1}
    rows = pd.DataFrame(
        munificence.measure_munificence(learned.images, learned.targets, widths=[2, 8], generator=rng(0), **options)
    )
    found = rows.pivot(index="hidden", columns="quantity", values="value")
    for width in (2, 8):  # so few units in so few dimensions that some flip always helps
        assert found.loc[width, "angle_of_random_start_to_nearest_copy"] < found.loc[width, "angle_of_random_start"] - 1
    assert (found["angle_of_own_start"] < 60).loc[[2, 8]].all()
    nearest = found["angle_of_random_start_to_nearest_copy"]
    slope = found.loc[0, "angle_of_random_start_to_nearest_copy_per_doubling"]
    assert slope == pytest.approx((nearest[8] - nearest[2]) / 2)


# --- order during training
# ---------------------------------------------------------------------------------------


@given(SEEDS, st.sampled_from(sorted(gradient_steps.OPTIMISERS)))
@settings(max_examples=15, deadline=None)
def test_permuted_and_flipped_starts_take_permuted_and_flipped_paths(seed, optimiser):
    row = ordering.measure_equivariance(
        task(), cell(optimiser=optimiser, learning_rate=0.01), steps=100, batch_size=10, random=rng(seed)
    )
    assert row["value"] < 1e-12


def test_equivariance_is_lost_where_units_differ_in_kind(monkeypatch):
    """A rule that is not odd in the gradient treats flipped units otherwise, and the measurement says so."""
    monkeypatch.setitem(gradient_steps.OPTIMISERS, "sgd", lambda gradient, state, rate: rate * np.abs(gradient))
    assert ordering.measure_equivariance(task(), cell(), steps=20, batch_size=10, random=rng(0))["value"] > 1e-3


def test_order_is_that_of_a_plain_loop():
    learned, setting, steps = task(), cell(width=6), 15
    rows = pd.DataFrame(
        ordering.measure_order(learned, setting, steps=steps, batch_size=10, shown=range(1, 16), random=rng(3))
    )
    random = rng(3)
    layers = ordering.start_of(learned, setting, random=random)
    batches = draw_batches(60, steps=steps, batch_size=10, generator=random)
    start, shares, cones = (
        layers[0][1].copy(),
        [],
        [tuple(np.sign(layers[0][1])) + tuple(np.argsort(abs(layers[0][1])))],
    )
    by_bias = sorted(range(6), key=lambda unit: start[unit])
    for _ in descend(layers, learned.images, learned.targets, batches, optimiser="sgd", learning_rate=0.1):
        biases = layers[0][1]
        shares.append(np.mean([biases[low] > biases[high] for low, high in itertools.pairwise(by_bias)]))
        cones.append(tuple(np.sign(biases)) + tuple(np.argsort(abs(biases))))
    mine = rows[rows.key == "bias"].set_index("quantity")["value"]
    assert mine["out_of_order"].tolist() == shares
    assert mine["kept"] == (not any(shares))
    assert np.isnan(mine["first_crossing"]) or mine["first_crossing"] == 1 + next(
        step for step, share in enumerate(shares) if share
    )
    assert mine["largest_move"] == np.abs(layers[0][1] - start).max()
    assert mine["smallest_gap"] == np.diff(np.sort(start)).min()
    changes = np.mean([one != other for one, other in itertools.pairwise(cones)])
    assert rows[rows.quantity == "cone_changes"]["value"].item() == changes


def test_a_pixel_that_is_always_zero_keeps_any_order_and_one_that_is_always_black_moves_with_the_bias():
    learned = task()
    assert learned.constant == 2
    for encoding in ("bits", "signs"):
        setting = cell(encoding=encoding)
        start = ordering.start_of(learned, setting, random=rng(0))
        layers = [(weights.copy(), biases.copy()) for weights, biases in start]
        batches = draw_batches(60, steps=20, batch_size=10, generator=rng(1))
        for _ in descend(
            layers, learned.encoded(encoding), learned.targets, batches, optimiser="sgd", learning_rate=0.1
        ):
            pass
        moved, bias_moved = layers[0][0][:, 2] - start[0][0][:, 2], layers[0][1] - start[0][1]
        if encoding == "bits":
            assert not moved.any()
        else:
            np.testing.assert_allclose(moved, -bias_moved, atol=1e-14)
            assert bias_moved.any()


def test_biases_far_apart_keep_their_order():
    rows = pd.DataFrame(
        ordering.measure_order(task(), cell(gap=1.0), steps=30, batch_size=10, shown=[30], random=rng(0))
    )
    found = rows[rows.key == "bias"].set_index("quantity")["value"]
    assert found["kept"] == 1
    assert found["out_of_order"] == 0
    assert found["smallest_gap"] == pytest.approx(1)
    assert 0 < 2 * found["largest_move"] < found["smallest_gap"]


def test_settings_vary_one_factor_at_a_time():
    found = ordering.settings_of(
        width=8,
        learning_rate=0.1,
        widths=[4, 8],
        learning_rates=[0.01],
        gaps=[1],
        optimisers=[{"optimiser": "adam", "learning_rate": 0.001}],
    )
    assert len(found) == len({tuple(setting.items()) for setting in found}) == 6
    base = found[0]
    assert base == {"width": 8, "optimiser": "sgd", "learning_rate": 0.1, "gap": 0, "encoding": "signs"}
    assert all(
        sum(setting[key] != base[key] for key in base) in (0, 1) for setting in found if setting["optimiser"] == "sgd"
    )


def test_table_of_order_has_one_row_for_each_setting_and_key():
    varied = {"width": 4, "learning_rate": 0.1, "widths": [3], "learning_rates": [], "gaps": [5.0], "optimisers": []}
    rows = ordering.measure_ordering(
        task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=3
    )
    assert rows.equals(
        ordering.measure_ordering(task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=3)
    )
    table = ordering.summarise(rows)
    assert not table.duplicated([*ordering.CELL, "key", "quantity"]).any()
    kept = table[(table.gap == 5) & (table.key == "bias") & (table.quantity == "kept")].iloc[0]
    assert (kept.estimate, kept.n, kept.seeds) == (1, 3, 3)
    assert kept.low < 1
    assert table[(table.gap == 5) & (table.key == "bias") & (table.quantity == "first_crossing")].empty
    out = table[
        (table.gap == 0)
        & (table.key == "norm")
        & (table.quantity == "out_of_order")
        & (table.width == 4)
        & (table.encoding == "signs")
    ]
    last = rows[
        (rows.step == 10)
        & (rows.gap == 0)
        & (rows.key == "norm")
        & (rows.quantity == "out_of_order")
        & (rows.width == 4)
    ]
    assert out.estimate.item() == pytest.approx(last[last.encoding == "signs"]["value"].mean())


# --- what the configuration refuses
# ---------------------------------------------------------------------------------------


@pytest.fixture
def config():
    return load_configuration()


def test_networks_without_sign_flips_are_refused(config):
    config["networks"]["tanh_mlp"]["activation"] = "relu"
    with pytest.raises(ConfigError, match=r"^symmetry.network is 'tanh_mlp', which is mlp with relu; allowed: .* odd$"):
        check_config(config)


def test_networks_that_are_not_trained_or_not_feedforward_are_refused(config):
    config["symmetry"]["further"] = ["tanh_mlp", "recurrent"]
    with pytest.raises(
        ConfigError, match=r"^symmetry.further names 'recurrent'; allowed: a feed-forward network of .*tanh_mlp_deep"
    ):
        check_config(config)


def test_memories_that_are_not_run_are_refused(config):
    config["symmetry"]["memories"] = ["hebbian_4"]
    with pytest.raises(
        ConfigError, match=r"^symmetry.memories names 'hebbian_4'; allowed: one of run.memories .* 'hebbian_40'\?$"
    ):
        check_config(config)


def test_batches_larger_than_the_images_are_refused(config):
    config["ordering"]["images"] = 20
    with pytest.raises(ConfigError, match=r"^ordering.batch_size is 50; allowed: .* which are 20$"):
        check_config(config)


# --- memories
# ---------------------------------------------------------------------------------------


def memory_of(rule="iterative", count=3, size=14, seed=0, **definition):
    patterns = random_patterns(count, size, generator=rng(seed))
    definition = {
        "iterative": {"margin": 0, "flip_share": 1, "passes": 200},
        "dense": {"energy": "polynomial", "exponent": 3},
    }.get(rule, {}) | definition
    return learning_rules.train(
        patterns, np.arange(count), np.arange(count), {"rule": rule, **definition}, generator=rng(seed)
    ).memory


def changed(memory, *, draws=2, images=None):
    images = random_patterns(60, memory.patterns.shape[1], generator=rng(9)) if images is None else images
    rows = pd.DataFrame(hopfield_symmetry.measure_memory(memory, images, draws=draws, generator=rng(4)))
    return rows.groupby(["transformation", "relabelled", "order", "quantity"])["value"].sum()


def recalled_in_order(weights, states, order):
    """Asynchronous recall, neuron after neuron in the given order, written out."""
    states = states.astype(int).copy()
    for state in states:
        before = None
        while before is None or (state != before).any():
            before = state.copy()
            for neuron in order:
                field = weights[neuron].astype(int) @ state
                state[neuron] = np.sign(field) or state[neuron]
    return states


@pytest.mark.parametrize("rule", ["hebbian", "iterative", "dense"])
def test_moved_neurons_keep_energies_of_moved_states(rule):
    memory, states = memory_of(rule, size=8), all_patterns(8)
    for permutation, signs in hopfield_symmetry.of_neurons(8, rng(2)).values():
        moved = hopfield_symmetry.move_neurons(memory, permutation, signs)
        np.testing.assert_allclose(
            moved.energy(hopfield_symmetry.move_states(states, permutation, signs)), memory.energy(states), rtol=1e-12
        )


def test_single_moves_move_one_neuron_or_two():
    found = hopfield_symmetry.of_neurons(9, rng(0))
    assert (found["one_flip"][1] == -1).sum() == 1
    assert (found["one_interchange"][0] != np.arange(9)).sum() == 2
    assert set(found["all_flips"][1]) == {-1, 1}
    assert sorted(found["flips_and_interchanges"][0]) == list(range(9))


@pytest.mark.parametrize("rule", ["hebbian", "iterative", "dense"])
def test_gauge_and_synchronous_interchanges_are_symmetries_and_moving_the_weights_alone_is_none(rule):
    found = changed(memory_of(rule))
    for name in ("one_flip", "all_flips", "one_interchange", "all_interchanges", "flips_and_interchanges"):
        assert found[name, "patterns", "synchronous"].sum() == 0
        if "flip" in name and "interchange" not in name:
            assert found[name, "patterns", "sequential"].sum() == 0
    assert found["flips_and_interchanges", "nothing", "sequential", "changed_states"] > 60


def test_interchanges_are_a_symmetry_of_sequential_recall_if_its_order_is_moved_along():
    memory, images = memory_of(count=4), random_patterns(40, 14, generator=rng(1))
    permutation, signs = hopfield_symmetry.of_neurons(14, rng(2))["flips_and_interchanges"]
    moved = hopfield_symmetry.move_neurons(memory, permutation, signs)
    starts, back = hopfield_symmetry.move_states(images, permutation, signs), np.argsort(permutation)
    final = recalled_in_order(moved.weights, starts, back)  # neuron 0 first, wherever it is now
    assert (hopfield_symmetry.move_states(final, back, signs[back]) == memory.recall(images).states).all()
    in_place = recalled_in_order(moved.weights, starts, range(14))
    assert (hopfield_symmetry.move_states(in_place, back, signs[back]) != memory.recall(images).states).any()


def test_flips_and_interchanges_of_stored_patterns_change_nothing():
    hebbian, dense = changed(memory_of("hebbian")), changed(memory_of("dense"))
    assert hebbian[["stored_flips", "stored_interchanges", "scaling"]].sum() == 0
    assert dense["hidden_interchanges"].sum() == dense["hidden_flips_of_even_energy"].sum() == 0
    assert dense["hidden_flips", "nothing", "sequential", "changed_states"] > 0  # a rectified energy is not even


def test_every_order_and_sign_of_the_stored_patterns_gives_the_same_hebbian_matrix():
    patterns = random_patterns(3, 9, generator=rng(0))
    matrices = {
        quadratic_rules.hebbian(patterns[list(order)] * np.array(signs, dtype=np.int8)[:, None]).tobytes()
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1, -1), repeat=3)
    }
    assert len(matrices) == 1


def test_generic_memories_have_half_as_many_copies_as_transformations():
    weights = np.array([[0, 1, 2, 3], [1, 0, 4, 5], [2, 4, 0, 6], [3, 5, 6, 0]], dtype=np.int32)
    memory = memory_of(size=4)
    copies = {
        hopfield_symmetry.move_neurons(
            replace(memory, weights=weights), np.array(order), np.array(signs, dtype=np.int8)
        ).weights.tobytes()
        for order in itertools.permutations(range(4))
        for signs in itertools.product((1, -1), repeat=4)
    }
    assert len(copies) == 2**3 * 24


@given(SEEDS)
@example(1937)  # every state has a tie
@settings(max_examples=15, deadline=None)
def test_field_cone_is_convex_and_its_matrices_take_the_states_to_the_same_next_states(seed):
    memory = memory_of(count=3, size=9, seed=seed % 1000)
    states = all_patterns(9)[field_cone.without_ties(memory.weights, all_patterns(9))]
    assume(len(states) > 3)  # a neuron without any connection ties in all states
    states = states[rng(seed).permutation(len(states))[:12]]
    following = np.sign(hopfield.fields(memory.weights, states))
    first, second = (
        field_cone.interior_point(memory.weights, states, steps=5, generator=rng((seed, number))) for number in range(2)
    )
    assert (first == first.T).all()
    assert not first.diagonal().any()
    assert field_cone.angle_of_matrices(first, memory.weights) > 0
    for a, b in ((1, 0), (1, 1), (2, 5)):
        mixed = a * first.astype(np.int64) + b * second
        assert field_cone.is_member(mixed, states, following)
        assert (np.sign(states.astype(int) @ mixed) == following).all()
    following[3, 4] *= -1  # a single decision that is another
    assert not field_cone.is_member(first, states, following)


def test_field_cone_of_visited_states_keeps_synchronous_recall():
    memory = memory_of(count=3, size=15)
    rows = pd.DataFrame(
        hopfield_symmetry.measure_memory(memory, random_patterns(60, 15, generator=rng(9)), draws=1, generator=rng(4))
    )
    found = rows[rows.transformation == "cone_of_visited_states"].set_index("quantity")
    assert found["value"][["changed_states", "changed_labels"]].sum() == 0
    assert found["n"]["changed_states"] > 10
    assert found["value"]["angle"] > 0.1


def test_states_with_ties_have_no_cone():
    weights = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]], dtype=np.int32)
    with pytest.raises(ValueError, match="1 of 2 states have a local field of 0"):
        field_cone.interior_point(weights, np.array([[1, 1, 1], [1, 1, -1]], dtype=np.int8), steps=1, generator=rng(0))


def test_table_of_memories():
    rows = pd.DataFrame([{"memory": "m", "seed": seed, **row} for seed in (0, 1) for row in hopfield_rows()])
    table = hopfield_symmetry.summarise(rows).set_index("quantity")
    assert (table.estimate["changed_states"], table.n["changed_states"]) == (0.5, 8)
    assert table.estimate["angle"] == 3


def hopfield_rows():
    setting = {"transformation": "scaling", "relabelled": "nothing", "order": "sequential"}
    changes = [{**setting, "quantity": "changed_states", "value": value, "n": 2} for value in (2, 0)]
    return [*changes, {**setting, "quantity": "angle", "value": 3.0, "n": 1}]


# --- figures and documents
# ---------------------------------------------------------------------------------------


def test_theory_names_tests_that_exist():
    text = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    defined = {
        line
        for path in ROOT.glob("tests/test_*.py")
        for line in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert set(re.findall(r"`(test_\w+)`", text)) <= defined
    assert len(re.findall(r"`(test_\w+)`", text)) > 20


@pytest.fixture
def copies():
    layers = random_network((9, 6, 3), generator=rng(0))
    patterns = rng(1).choice([-1.0, 1.0], size=(10, 9))
    rows = [
        {"seed": seed, **row}
        for seed in (0, 1)
        for row in equioutput.measure_small(largest=2, patterns=5, generator=rng(seed))
    ]
    trained = equioutput.measure_trained(layers, name="tanh_mlp", copies=5, patterns=patterns, generator=rng(2))
    rows += [{"seed": seed, **row} for seed in (0, 1) for row in trained]
    nearest = pd.DataFrame([{"seed": 0, "hidden": 4, "quantity": "train_error", "value": 0.1, "n": 1}])
    example = equioutput.example(layers, patterns, units=2, copies=5, generator=rng(3), shown=4) | {
        "shape": np.array([3, 3])
    }
    return equioutput.summarise(pd.DataFrame(rows), nearest), example


def drawn(figure):
    """Size of the figure's PNG and the texts in it; drawing it shows what is wrong with it."""
    buffer = io.BytesIO()
    with style.paper():
        figure.savefig(buffer, format="png", dpi=60)
    return buffer.tell(), [
        text.get_text() for axes in figure.axes for text in (*axes.texts, axes.title, axes.xaxis.label)
    ]


def test_figure_of_copies_names_units_and_angles(copies):
    table, example = copies
    size, texts = drawn(draw_equioutput(table, example))
    assert size > 5000
    for row in range(4):
        for unit, sign in zip(example["unit"][row], example["sign"][row], strict=True):
            assert f"{'−' if sign < 0 else ''}{unit + 1}" in texts
    nearest = table[(table.quantity == "angle_of_nearest_copy") & (table.weights == "tanh_mlp")].estimate.item()
    assert f"nearest\n{nearest:.1f}°" in texts


def test_figure_of_order_shows_every_setting():
    varied = {"width": 4, "learning_rate": 0.1, "widths": [3], "learning_rates": [0.01], "gaps": [5], "optimisers": []}
    rows = ordering.measure_ordering(
        task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=2
    )
    size, texts = drawn(draw_ordering(rows))
    assert size > 5000
    assert {"bias", "norm", "constant pixel", "as drawn", "gap 5", "sgd 0.1", "sgd 0.01"} <= set(texts)


def test_paragraph_says_what_the_tables_hold(copies):
    varied = {"width": 4, "learning_rate": 0.1, "widths": [], "learning_rates": [], "gaps": [5], "optimisers": []}
    order = ordering.summarise(
        ordering.measure_ordering(task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=3)
    )
    images = random_patterns(20, 14, generator=rng(1))
    rows = [
        {"memory": rule, "seed": 0, **row} for rule in ("hebbian", "dense") for row in measured(memory_of(rule), images)
    ]
    names = ("angle_of_random_start_to_nearest_copy", "angle_of_random_starts_to_nearest_copy")
    own = {"weights": "trained_by_width", "estimate": 1.25, "low": 1.0, "high": 1.5, "seeds": 2}
    by_width = [{**own, "hidden": 0, "quantity": f"{name}_per_doubling"} for name in names]
    by_width += [{**own, "hidden": hidden, "quantity": name} for name in names for hidden in (4, 8)]
    table = pd.concat([copies[0], pd.DataFrame(by_width)], ignore_index=True)
    text = paragraph(table, order, hopfield_symmetry.summarise(pd.DataFrame(rows)))
    assert "+1.2 (+1.0 to +1.5) degrees for each doubling" in text
    assert "They did in all where they started 5 apart" in text
    assert "which no gradient reaches, did in 100%" in text
    assert "flipped along, 0%" in text
    assert "their flips, change 0%" in text


def measured(memory, images):
    return hopfield_symmetry.measure_memory(memory, images, draws=1, generator=rng(2))
