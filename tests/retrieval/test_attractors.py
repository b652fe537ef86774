"""The graph of all states of a small memory is recall."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_spaces import rng

from weightspace.data import hypercube
from weightspace.data.hypercube import random_patterns
from weightspace.memories.memory import Memory
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
