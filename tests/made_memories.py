"""Small memories for tests, and recall written out as plain loops."""

import numpy as np

from weightspace.memories.learning_rules import train_unlabelled
from weightspace.retrieval import capacity

HEBBIAN = {"rule": "hebbian"}
ITERATIVE = {"rule": "iterative", "margin": 0, "flip_share": 1, "passes": 100}


def rng(seed):
    return np.random.default_rng(seed)


def memory_of(patterns, definition=HEBBIAN):
    return train_unlabelled(patterns, definition, generator=rng(0))


def settle(weights, state):
    """Sequential recall written out: the final state, and how many bits flipped on the way."""
    state, flips = state.astype(int).copy(), 0
    while True:
        before = flips
        for neuron, row in enumerate(weights.astype(int)):
            if (row @ state) * state[neuron] < 0:
                state[neuron] *= -1
                flips += 1
        if flips == before:
            return state, flips


def measured(definition, neurons, counts, *, seeds=2, **settings):
    probing = {"flipped": [0.1], "probes": 100, "overlap": 0.9, "refinements": 0} | settings
    draws = capacity.random_draws(max(counts), neurons, seeds=seeds)
    return capacity.measure_rule(definition, draws, counts, **probing).assign(rule="it", data="random", neurons=neurons)
