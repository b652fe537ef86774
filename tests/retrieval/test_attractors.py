"""The graph of all states of a small memory is recall."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_memories import memory_of, rng, settle

from weightspace.data import hypercube
from weightspace.data.hypercube import all_patterns, codes_of, first_distinct, random_patterns
from weightspace.memories.memory import Memory
from weightspace.retrieval import attractors
from weightspace.retrieval.attractors import ends_of_all_states


@given(st.integers(2, 9), st.integers(0, 10**6), st.sampled_from(["sequential", "random", "synchronous"]))
@settings(max_examples=30, deadline=None)
def test_the_state_graph_is_recall(size, seed, order):
    weights = rng(seed).integers(-3, 4, (size, size))
    weights = (weights + weights.T).astype(np.int32)
    np.fill_diagonal(weights, 0)
    stored = random_patterns(2, size, generator=rng(seed))
    memory = Memory(weights, stored, np.arange(2), np.arange(2), {}, order=order, sweeps=64)
    ends, settled = ends_of_all_states(memory)
    recalled = memory.recall(hypercube.all_patterns(size))
    assert (settled == recalled.settled).all()
    assert (ends == hypercube.codes_of(recalled.states))[settled].all()


def test_one_pattern_and_its_complement_share_all_states_ties_to_the_first_neuron():
    pattern = random_patterns(1, 8, generator=rng(4))
    memory = memory_of(pattern)
    states = all_patterns(8)
    overlap = states.astype(int) @ pattern[0]
    # Field on a bit: overlap less the bit itself. At overlap 0 the first neuron to be looked at leaves the side that it
    # is on.
    side = np.where(overlap == 0, -states[:, 0] * pattern[0, 0], np.sign(overlap))
    assert (memory.recall(states).states == side[:, None] * pattern[0]).all()
    found = attractors.follow_all_states(memory).set_index("kind")
    assert found.basin.to_dict() == {"stored": 128, "complement": 128}
    assert found.code.to_dict() == {
        "stored": int(codes_of(pattern)[0]),
        "complement": int(codes_of(-pattern)[0]),
    }


@pytest.mark.parametrize(("seed", "size", "count"), [(0, 9, 3), (1, 10, 5), (2, 7, 2), (3, 10, 4)])
def test_attractors_and_basins_are_those_of_plain_loops(seed, size, count):
    patterns = first_distinct(random_patterns(60, size, generator=rng(seed)), count)
    memory = memory_of(patterns)
    ends = [
        tuple(settle(memory.weights, np.array(state))[0].tolist()) for state in itertools.product((-1, 1), repeat=size)
    ]
    found = attractors.follow_all_states(memory)
    states = [tuple(state) for state in all_patterns(size)[found.code].tolist()]
    assert dict(zip(states, found.basin, strict=True)) == {end: ends.count(end) for end in set(ends)}
    stored = {tuple(pattern) for pattern in patterns.tolist()}
    signed = [sign * pattern.astype(int) for pattern in patterns for sign in (1, -1)]
    mixed = {tuple(np.sign(sum(three)).tolist()) for three in itertools.combinations(signed, 3)}
    for state, kind in zip(states, found.kind, strict=True):
        expected = (
            "stored"
            if state in stored
            else "complement"
            if tuple(-np.array(state)) in stored
            else "mixture"
            if state in mixed
            else "other"
        )
        assert kind == expected
    weights = memory.weights / (2 * size)
    assert found.energy.tolist() == pytest.approx(
        [-0.5 * np.array(state) @ weights @ np.array(state) for state in states]
    )


def test_what_is_stored_is_no_complement():
    pattern = random_patterns(1, 9, generator=rng(0))
    assert attractors.follow_all_states(memory_of(np.concatenate([pattern, -pattern]))).kind.tolist() == [
        "stored",
        "stored",
    ]


def test_three_patterns_have_eight_mixtures():
    found = attractors.mixtures(random_patterns(3, 50, generator=rng(0)))
    assert found.shape == (8, 50)
    assert len(np.unique(found, axis=0)) == 8
    assert (abs(found) == 1).all()
    assert len(attractors.mixtures(random_patterns(2, 50, generator=rng(0)))) == 0
