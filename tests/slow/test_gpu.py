"""The small run on a GPU: equal runs give equal files, and what it finds is what a CPU finds. Skipped where PyTorch
sees no GPU.
"""

import os

import numpy as np
import pandas as pd
import pytest
import torch
from running import SMALL, made, new_run, unequal

from weightspace.networks.architectures import MultilayerPerceptron, Network
from weightspace.networks.training import choose_device
from weightspace.pattern_space.network_answers import FlippedNetwork, labels_of_all

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no GPU here")


def run_on(device, folder, mnist_raw):
    return new_run(folder, mnist_raw, "--cores", str(os.cpu_count()), *SMALL, "--config", f"device={device}")


@pytest.fixture(scope="module")
def on_gpu(tmp_path_factory, mnist_raw):
    """Folder of a small run on the GPU."""
    return run_on("cuda", tmp_path_factory.mktemp("gpu"), mnist_raw)


def test_equal_runs_give_equal_files(on_gpu, tmp_path, mnist_raw):
    again = run_on("cuda", tmp_path, mnist_raw)
    assert unequal(again, on_gpu, "tables", "figures", "models", "scores") == []


def test_what_is_found_does_not_depend_on_the_device(on_gpu, tmp_path, mnist_raw):
    on_cpu = run_on("cpu", tmp_path, mnist_raw)
    assert made(on_gpu, "tables").keys() == made(on_cpu, "tables").keys()
    networks, attacks, claims = (
        [pd.read_csv(folder / f"results/tables/{name}.csv") for folder in (on_gpu, on_cpu)]
        for name in ("networks", "attacks", "claims")
    )
    # A network's batches are added up in another order.
    assert (networks[0].estimate - networks[1].estimate).abs().max() < 0.002
    # Attacks that draw get other numbers from a GPU: single rows differ by a few of 40 images, all together do not.
    difference = attacks[0].estimate - attacks[1].estimate
    assert abs(difference.mean()) < 0.01
    assert difference.abs().mean() < 0.03
    deterministic = attacks[0].attack == "fgsm"
    assert difference[deterministic & (attacks[0].quantity == "error")].abs().max() < 0.05
    assert (claims[0].part == claims[1].part).all()
    words = zip(claims[0].part, claims[0].word, claims[1].word, strict=True)
    assert [part for part, one, other in words if {one, other} == {"supported", "refuted"}] == []


def test_all_patterns_and_all_flips_get_the_answers_of_a_cpu():
    torch.manual_seed(0)
    network = Network(MultilayerPerceptron(widths=[20, 16, 16, 10], activation="tanh"))
    gpu = choose_device("cuda")
    different = (labels_of_all(network.perceptron, 20) != labels_of_all(network.perceptron, 20, device=gpu)).mean()
    assert different < 1e-5  # where two logits agree to six digits
    flipped, here, pattern = (
        FlippedNetwork(network.perceptron, device=gpu),
        FlippedNetwork(network.perceptron),
        np.array([1, -1] * 10),
    )
    assert (flipped.single(pattern) == here.single(pattern)).all()
    assert (flipped.double(pattern) == here.double(pattern)).all()
    label = int(network.predict(pattern[None])[0])
    assert flipped.safe_flips(pattern, label, 5) == here.safe_flips(pattern, label, 5)
