"""Classifiers composed of trained ones."""

import numpy as np
import pytest
import torch
from small_models import MLP, SIZE, memory, rng

from weightspace.attacks.composed_models import MemoryNetwork, feature_head, features
from weightspace.attacks.surrogates import to_tensors
from weightspace.data.hypercube import random_patterns
from weightspace.networks.architectures import Network, build


def test_recall_then_classify_is_what_it_says():
    recalling, network = memory(), Network(build(MLP, shape=(1, SIZE), classes=3, seed=1))
    both = MemoryNetwork(recalling, network)
    states = random_patterns(30, SIZE, generator=rng(1))
    assert (both.predict(states) == network.predict(recalling.recall(states).states)).all()
    assert (both.scores(states).argmax(axis=1) == both.predict(states)).all()


@pytest.mark.parametrize("head", ["linear", "nearest", "recall"])
def test_all_heads_see_the_same_features(head):
    network = Network(build(MLP | {"hidden": [12, 40]}, shape=(1, SIZE), classes=3, seed=1))
    stored = random_patterns(6, SIZE, generator=rng(1))
    definition = {"rule": "dense", "energy": "exponential", "exponent": None}
    model = feature_head(network.perceptron, head, stored, np.arange(6) % 3, definition, seed=0)
    hidden = torch.as_tensor(stored, dtype=torch.float32)
    for layer in network.module.layers[:-1]:
        hidden = torch.tanh(layer(hidden))
    assert (features(network.perceptron, stored) == np.where(hidden.detach().numpy() < 0, -1, 1)).all()
    # With more features than patterns a fitted head errs on none of them, as one that stores them does.
    assert (model.predict(stored) == np.arange(6) % 3).all()
    has_gradients = model.differentiable(to_tensors()) is not None
    assert has_gradients == (head != "recall")
    assert len(model.stand_ins(to_tensors(), {"steps": [1], "steepness": [2]})) == (head == "recall")
