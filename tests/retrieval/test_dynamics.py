"""How recall goes, against networks of two neurons and against recall cut short."""

import numpy as np
import pandas as pd
import pytest
from made_memories import memory_of, rng

from weightspace.data.hypercube import flip_bits, random_patterns
from weightspace.memories.memory import Memory
from weightspace.retrieval import capacity, dynamics


def two_neurons():
    """Two neurons that want to differ: updated at once, equal ones change places for ever."""
    return memory_of(np.array([[1, -1]], np.int8))


def test_two_neurons_cycle_when_updated_at_once():
    states = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]], np.int8)
    found = dynamics.follow_recall(two_neurons(), states, sweeps=2, seed=0)
    assert found.synchronous_two_cycle.tolist() == [True, True, False, False]
    assert found.synchronous_state_differs.tolist() == [True, True, False, False]
    assert found.flips.tolist() == [1, 1, 0, 0]
    assert found.sweeps.tolist() == [2, 2, 1, 1]
    assert found.settled.all()
    assert (
        found[["energy_0", "energy_1", "energy_2", "energy_end"]].to_numpy().tolist()
        == [[0.5, -0.5, -0.5, -0.5]] * 2 + [[-0.5] * 4] * 2
    )


def test_another_order_ends_elsewhere_where_the_other_neuron_comes_first():
    starts = np.array([[1, 1], [1, -1]], np.int8)
    found = [
        dynamics.follow_recall(two_neurons(), starts, sweeps=1, seed=seed).order_state_differs.tolist()
        for seed in range(12)
    ]
    assert [True, False] in found
    assert [False, False] in found


def test_label_differs_where_another_order_ends_at_a_pattern_of_another_class():
    patterns = random_patterns(3, 30, generator=rng(0))
    memory = memory_of(patterns)
    starts = flip_bits(patterns[[0] * 300], 15, generator=rng(1))
    found = dynamics.follow_recall(memory, starts, sweeps=1, seed=4)
    shuffled = Memory(memory.weights, patterns, memory.labels, memory.index, {}, order="random", seed=4)
    assert found.order_label_differs.tolist() == (memory.predict(starts) != shuffled.predict(starts)).tolist()
    assert 0 < found.order_label_differs.sum() < found.order_state_differs.sum()


def test_cycles_are_states_that_come_back_after_two_steps():
    memory = memory_of(random_patterns(12, 40, generator=rng(0)))
    starts = random_patterns(60, 40, generator=rng(1))
    state = starts
    for _ in range(200):
        state = capacity.synchronous_step(memory, state)
    cycles = (capacity.synchronous_step(memory, state) != state).any(axis=1)
    assert (capacity.synchronous_step(memory, capacity.synchronous_step(memory, state)) == state).all()
    found = dynamics.follow_recall(memory, starts, sweeps=1, seed=0)
    assert found.synchronous_two_cycle.tolist() == cycles.tolist()
    assert 0 < cycles.sum() < 60


def test_energy_by_sweep_is_that_of_recall_cut_short():
    memory = memory_of(random_patterns(12, 40, generator=rng(0)))
    starts = random_patterns(30, 40, generator=rng(1))
    found = dynamics.energies_by_sweep(memory, starts, sweeps=3)
    for sweeps in (1, 2, 3):
        cut = Memory(memory.weights, memory.patterns, memory.labels, memory.index, {}, sweeps=sweeps)
        assert (found[:, sweeps] == memory.energy(cut.recall(starts).states)).all()
    assert (found[:, 0] == memory.energy(starts)).all()
    assert (np.diff(found, axis=1) <= 0).all()
    assert (found[:, 1] < found[:, 0]).any()


def test_recall_dynamics_table():
    memory = memory_of(random_patterns(12, 40, generator=rng(0)))
    images = [
        dynamics.follow_recall(memory, random_patterns(50, 40, generator=rng(s)), sweeps=2, seed=s).assign(
            memory="it", seed=s
        )
        for s in (1, 2, 3)
    ]
    table = dynamics.summarise(pd.concat(images))
    assert table[table.quantity == "energy_to_fall"].sweep.tolist() == [0, 1, 2]
    values = table.set_index(["quantity", table.sweep.fillna(-1)]).estimate
    every = pd.concat(images)
    assert values["flips", -1] == pytest.approx(every.flips.mean())
    assert values["order_state_differs", -1] == pytest.approx(every.order_state_differs.mean())
    assert values["energy", 1] == pytest.approx(every.energy_1.mean())
    assert values["energy_to_fall", 0] == 1
    assert 0 < values["energy_to_fall", 1] < 1
    assert (table.n == 150).all()


def test_images_that_do_not_fall_leave_nothing_to_average():
    found = dynamics.follow_recall(two_neurons(), np.array([[1, -1]], np.int8), sweeps=1, seed=0).assign(
        memory="it", seed=0
    )
    row = dynamics.summarise(found).set_index("quantity").loc["energy_to_fall"].iloc[0]
    assert np.isnan(row.estimate)
    assert (row.low, row.high, row.n) == (0, 1, 0)
