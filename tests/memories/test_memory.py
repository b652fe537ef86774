"""Memories as values: equality, hash and text."""

import numpy as np
import pytest
from made_memories import memory_of

from weightspace.data.hypercube import random_patterns
from weightspace.memories.nearest_neighbour import NearestNeighbour


def dense(patterns):
    return memory_of(patterns, {"rule": "dense", "energy": "polynomial", "exponent": 3})


def neighbours(patterns):
    return NearestNeighbour(patterns, np.arange(len(patterns)), np.arange(len(patterns)), {"seed": len(patterns)})


@pytest.mark.parametrize("made", [memory_of, dense, neighbours])
def test_memories_are_equal_by_what_they_hold(made):
    patterns = random_patterns(3, 12, generator=np.random.default_rng(0))
    memory, copy, other = made(patterns), made(patterns.copy()), made(patterns[:2])
    assert memory == copy
    assert hash(memory) == hash(copy)
    assert memory != other
    assert memory != "memory"
    assert len({memory, copy, other}) == 2
    assert "patterns=int8[3, 12]" in repr(memory)
    assert len(repr(memory)) < 400


def test_a_memory_that_recalls_otherwise_is_another():
    memory = memory_of(random_patterns(3, 12, generator=np.random.default_rng(0)))
    assert memory != memory.recalling(order="random")
