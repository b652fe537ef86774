"""Certified distances against all patterns around an image."""

import numpy as np
import pytest
import torch
from small_spaces import labelled, memory_of, network_of, rng

from weightspace.data import hypercube
from weightspace.data.hypercube import random_patterns
from weightspace.pattern_space import certification
from weightspace.pattern_space.network_answers import FlippedNetwork


@pytest.mark.parametrize(("hidden", "activation"), [((6,), "tanh"), ((6,), "relu"), ((5, 4), "tanh")])
def test_certified_distances_are_sound_and_exact_up_to_two(hidden, activation):
    network = network_of(10, hidden=hidden, activation=activation, seed=5)
    if len(hidden) > 1:  # intervals through several layers are wide
        with torch.no_grad():
            network.module.layers[0].weight *= 0.1
    patterns = random_patterns(25, 10, generator=rng(3))
    labels = network.predict(patterns)
    every = hypercube.patterns_of(np.arange(1024), 10)
    other = network.predict(every)
    safe = [
        (every[other != label] != pattern).sum(axis=1).min(initial=11) - 1
        for pattern, label in zip(patterns, labels, strict=True)
    ]
    flipped = FlippedNetwork(network.perceptron)
    found = certification.safe_distances_of_network(flipped, patterns, labels, 6)
    assert (np.minimum(found, 2) == np.minimum(safe, 2)).all()
    assert (found <= safe).all()
    bounds = [flipped.safe_flips(pattern, int(label), 6) for pattern, label in zip(patterns, labels, strict=True)]
    assert (np.array(bounds) <= safe).all()
    assert max(bounds) >= 1
    pairs = np.triu_indices(10, 1)
    twice = np.repeat(patterns[:1], len(pairs[0]), axis=0)
    for pair in pairs:
        twice[np.arange(len(twice)), pair] *= -1
    assert (flipped.double(patterns[0]) == network.predict(twice)).all()


def test_memories_are_certified_by_all_single_flips():
    images = labelled(9, 14, seed=3)
    memory = memory_of(images, "iterative")
    labels = memory.predict(images.patterns)
    safe = certification.safe_from_single_flips(memory, images.patterns, labels, "nearest")
    flips = [memory.predict(np.where(np.eye(9, dtype=bool), -pattern, pattern)) for pattern in images.patterns]
    assert safe.tolist() == [(each == label).all() for each, label in zip(flips, labels, strict=True)]
    rows = certification.summarise(np.array([0, 1, 3]), tried=1, most=3)
    assert [(row["certified"], row["guarantee"]) for row in rows] == [
        (2, "exact"),
        (1, "lower bound"),
        (1, "lower bound"),
    ]
    assert rows[1]["high"] == 1
