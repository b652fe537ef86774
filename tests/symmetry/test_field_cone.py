"""The cone of matrices with the same local fields: convex, and exact in integers."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from made_weights import memory_of, rng

from weightspace.data.hypercube import all_patterns
from weightspace.memories import hopfield
from weightspace.symmetry import (
    alignment,
    field_cone,
)

SEEDS = st.integers(0, 2**32 - 1)


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
    assert alignment.angle_of_vectors(first, memory.weights) > 0
    for a, b in ((1, 0), (1, 1), (2, 5)):
        mixed = a * first.astype(np.int64) + b * second
        assert field_cone.is_member(mixed, states, following)
        assert (np.sign(states.astype(int) @ mixed) == following).all()
    following[3, 4] *= -1  # a single decision that is another
    assert not field_cone.is_member(first, states, following)


def test_states_with_ties_have_no_cone():
    weights = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]], dtype=np.int32)
    with pytest.raises(ValueError, match="1 of 2 states have a local field of 0"):
        field_cone.interior_point(weights, np.array([[1, 1, 1], [1, 1, -1]], dtype=np.int8), steps=1, generator=rng(0))
