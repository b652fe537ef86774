"""Memories with neurons, stored patterns or weights transformed: which answers change."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_weights import memory_of, rng

from weightspace.data.hypercube import all_patterns, random_patterns
from weightspace.memories import quadratic_rules
from weightspace.symmetry import (
    hopfield_symmetry,
)


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
        moved = memory.with_moved_neurons(permutation, signs)
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
    moved = memory.with_moved_neurons(permutation, signs)
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
        replace(memory, weights=weights)
        .with_moved_neurons(np.array(order), np.array(signs, dtype=np.int8))
        .weights.tobytes()
        for order in itertools.permutations(range(4))
        for signs in itertools.product((1, -1), repeat=4)
    }
    assert len(copies) == 2**3 * 24


def test_field_cone_of_visited_states_keeps_synchronous_recall():
    memory = memory_of(count=3, size=15)
    rows = pd.DataFrame(
        hopfield_symmetry.measure_memory(memory, random_patterns(60, 15, generator=rng(9)), draws=1, generator=rng(4))
    )
    found = rows[rows.transformation == "cone_of_visited_states"].set_index("quantity")
    assert found["value"][["changed_states", "changed_labels"]].sum() == 0
    assert found["n"]["changed_states"] > 10
    assert found["value"]["angle"] > 0.1


def test_table_of_memories():
    rows = pd.DataFrame([{"memory": "m", "seed": seed, **row} for seed in (0, 1) for row in hopfield_rows()])
    table = hopfield_symmetry.summarise(rows).set_index("quantity")
    assert (table.estimate["changed_states"], table.n["changed_states"]) == (0.5, 8)
    assert table.estimate["angle"] == 3
    assert table.interval["angle"] == "none"  # two seeds
    assert table.low["angle"] < 3 < table.high["angle"]


def test_most_states_changed_counts_memories_and_not_images():
    """Of three memories one loses all of its 4 states and two lose half: 8 of 12 states, one of three memories."""
    setting = {"memory": "m", "transformation": "scaling", "relabelled": "nothing", "order": "sequential"}
    changes = {0: (2, 2), 1: (2, 0), 2: (0, 2)}  # of 2 images in each of two draws
    rows = [
        {**setting, "seed": seed, "quantity": "changed_states", "value": value, "n": 2}
        for seed, values in changes.items()
        for value in values
    ]
    table = hopfield_symmetry.summarise(pd.DataFrame(rows)).set_index("quantity")
    assert table.estimate["changed_states"] == pytest.approx(8 / 12)
    assert table.estimate["most_states_changed"] == pytest.approx(1 / 3)
    assert (table.n["most_states_changed"], table.interval["most_states_changed"]) == (3, "clopper-pearson")


def hopfield_rows():
    setting = {"transformation": "scaling", "relabelled": "nothing", "order": "sequential"}
    changes = [{**setting, "quantity": "changed_states", "value": value, "n": 2} for value in (2, 0)]
    return [*changes, {**setting, "quantity": "angle", "value": 3.0, "n": 1}]
