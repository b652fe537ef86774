"""A network's answers from sums of its first layer are those of its own prediction."""

import numpy as np
import pytest
from small_spaces import network_of

from weightspace.data import hypercube
from weightspace.pattern_space import network_answers
from weightspace.pattern_space.network_answers import FlippedNetwork


def test_a_network_asked_on_another_device_stays_where_it_is():
    network = network_of(6, hidden=(4,), activation="tanh", classes=2, seed=0)
    FlippedNetwork(network.perceptron, device="meta")  # a device without memory, which every machine has
    assert network.logits(np.ones((1, 6))).shape == (1, 2)


@pytest.mark.parametrize(("hidden", "activation"), [((8,), "tanh"), ((6, 5), "tanh"), ((9, 4, 4), "relu")])
def test_a_network_counted_from_tables_answers_as_it_predicts(hidden, activation):
    network = network_of(14, hidden=hidden, activation=activation, classes=5, seed=2)
    labels = network_answers.labels_of_all(network.perceptron, 14)
    logits = network.logits(hypercube.patterns_of(np.arange(2**14), 14))
    top = np.sort(logits, axis=1)
    sure = top[:, -1] - top[:, -2] > 1e-5
    assert sure.mean() > 0.999
    assert (labels == logits.argmax(axis=1))[sure].all()
    assert (
        network_answers.labels_by_blocks(network, 14) == network.predict(hypercube.patterns_of(np.arange(2**14), 14))
    ).all()
