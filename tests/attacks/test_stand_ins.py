"""What attacks by flips ask of a model: the answers to all single flips, and smooth stand-ins for recall."""

import numpy as np
import pytest
import torch
from small_models import MLP, SIZE, dense, memory, rng

from weightspace.attacks import flips
from weightspace.attacks.surrogates import to_tensors
from weightspace.classifier import Classifier
from weightspace.data.hypercube import random_patterns
from weightspace.memories.nearest_neighbour import NearestNeighbour
from weightspace.networks.architectures import Network, build


def test_flips_of_the_first_layer_are_those_of_the_whole_network():
    network = Network(build(MLP, shape=(1, SIZE), classes=4, seed=0))
    images = random_patterns(50, SIZE, generator=rng(1))
    assert (network.neighbours(images) == Classifier.neighbours(network, images)).all()


def test_a_steep_stand_in_is_one_synchronous_step_of_the_memory():
    model = memory(rule="hebbian")
    states = random_patterns(60, SIZE, generator=rng(4))
    fields = states.astype(int) @ model.weights
    smooth = model.smooth_recall(to_tensors(), steepness=1e4)(torch.as_tensor(states, dtype=torch.float32)).numpy()
    clear = np.abs(fields) > 0
    assert (np.sign(smooth)[clear] == np.sign(fields)[clear]).all()


@pytest.mark.parametrize(("energy", "exponent"), [("polynomial", 3), ("exponential", None)])
def test_a_steep_stand_in_of_a_dense_memory_is_its_nearest_pattern(energy, exponent):
    model = dense(energy=energy, exponent=exponent)
    states = flips.flip(model.patterns, rng().random(model.patterns.shape) < 0.1)
    smooth = model.smooth_recall(to_tensors(), steepness=1e3)(torch.as_tensor(states, dtype=torch.float32)).numpy()
    assert smooth == pytest.approx(model.patterns, abs=1e-3)


def test_gradients_of_a_stand_in_are_its_slope():
    model = memory()
    (formula,) = model.stand_ins(
        lambda array: torch.as_tensor(array, dtype=torch.float64), {"steps": [2], "steepness": [1]}
    )
    images = torch.as_tensor(random_patterns(3, SIZE, generator=rng(1)), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda inputs: formula(inputs).sum(1), images)


def test_a_stand_in_without_steps_is_the_read_out_once():
    model = memory()
    stand_ins = model.stand_ins(to_tensors(), {"steps": [0, 1], "steepness": [2, 8]})
    assert len(stand_ins) == 3
    states = random_patterns(30, SIZE, generator=rng(1))
    read = NearestNeighbour(model.patterns, model.labels, model.index).predict(states)
    scores = stand_ins[0](torch.as_tensor(states, dtype=torch.float32))
    assert (scores.max(1).values == scores.gather(1, torch.as_tensor(read)[:, None])[:, 0]).all()
