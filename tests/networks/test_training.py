"""Short training on the real MNIST, losses, and the device."""

import os

import numpy as np
import pytest
import torch
from small_networks import trained

from weightspace.loading import load
from weightspace.networks import training
from weightspace.networks.adversarial_training import misleading


@pytest.mark.parametrize("optimiser", ["sgd", "adam", "rmsprop"])
@pytest.mark.parametrize(("loss", "activation"), [("rms", "tanh"), ("cross_entropy", "relu")])
def test_training_learns_mnist(tensors, optimiser, loss, activation):
    rate = 0.1 if optimiser == "sgd" else 0.001
    _, history = trained(tensors, optimiser=optimiser, loss=loss, activation=activation, learning_rate=rate)
    assert history.epoch.tolist() == [0, 1, 2]
    assert history.test_error.iloc[0] > 0.8
    assert history.test_error.iloc[-1] < 0.3


def test_random_labels_are_the_same_labels_in_another_order(tensors):
    images, labels = training.with_random_labels(tensors[0], generator=np.random.default_rng(0))
    assert (images == tensors[0][0]).all()
    assert (labels.bincount() == tensors[0][1].bincount()).all()
    assert (labels == tensors[0][1]).float().mean() < 0.15


def test_a_last_batch_of_one_image_goes_with_the_one_before():
    sizes = {count: [len(batch) for batch in training.batches(torch.arange(count), 10)] for count in (1, 20, 21, 22)}
    assert sizes == {1: [1], 20: [10, 10], 21: [10, 11], 22: [10, 10, 2]}
    assert len(training.batches(torch.arange(3), 1)) == 3
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 2))
    data = torch.randn(21, 4), torch.arange(21) % 2
    definition = {"loss": "cross_entropy", "optimiser": "sgd", "learning_rate": 0.1, "batch_size": 10, "epochs": 1}
    assert training.train(module, data, data, definition, seed=0).epoch.tolist() == [0, 1]


def test_what_an_adversary_moves_stays_within_its_budget_and_misleads_more_than_noise(tensors):
    network, _ = trained(tensors, optimiser="adam", loss="cross_entropy", activation="relu", learning_rate=0.001)
    images, labels = (part[:300] for part in tensors[1])
    module = network.module
    before = [parameter.grad for parameter in module.parameters()]
    moved = misleading(module, images, labels, {"budget": 0.1, "steps": 5, "step_size": 0.5})
    assert [parameter.grad for parameter in module.parameters()] == before
    assert (moved - images).abs().max() <= 0.2 + 1e-6  # full scale is 2
    assert moved.abs().max() <= 1
    noise = (images + 0.2 * torch.randn_like(images).sign()).clamp(-1, 1)
    with torch.no_grad():
        wrong = [(module(seen).argmax(1) != labels).float().mean() for seen in (images, noise, moved)]
    assert wrong[2] > wrong[1] + 0.2 >= wrong[0] + 0.2


def test_adversarial_training_makes_robust(tensors):
    adversary = {"budget": 0.08, "steps": 4, "step_size": 0.5}
    how = {"optimiser": "adam", "loss": "cross_entropy", "activation": "relu", "learning_rate": 0.002}
    how |= {"epochs": 6, "hidden": [64]}
    images, labels = (part[:300] for part in tensors[1])
    wrong = []
    for further in ({}, {"adversary": adversary}):
        network, history = trained(tensors, **how, **further)
        moved = misleading(network.module, images, labels, adversary)
        wrong.append(float((network.module(moved).argmax(1) != labels).float().mean()))
        assert history.test_error.iloc[-1] < 0.3
    assert wrong[1] < wrong[0] - 0.15


def test_rms_loss_is_its_definition():
    logits, labels = torch.tensor([[0.3, -2.0, 1.0], [0.0, 0.5, -0.1]]), torch.tensor([2, 0])
    targets = np.array([[-1, -1, 1], [1, -1, -1]])
    expected = np.sqrt(np.mean((np.tanh(logits.numpy()) - targets) ** 2))
    assert training.root_mean_square_error(logits, labels).item() == pytest.approx(expected)


def test_same_seed_same_bytes_and_the_file_answers_alike(tmp_path, tensors):
    first, _ = trained(tensors, epochs=1)
    second, _ = trained(tensors, epochs=1)
    other, _ = trained(tensors, epochs=1, seed=4)
    for name, network in (("a", first), ("b", second), ("c", other)):
        network.save(tmp_path / f"{name}.safetensors")
    files = [(tmp_path / f"{name}.safetensors").read_bytes() for name in "abc"]
    assert files[0] == files[1] != files[2]
    images = tensors[1][0].numpy()
    assert (load(tmp_path / "a.safetensors").logits(images) == first.logits(images)).all()


def test_a_loss_that_is_no_number_is_refused(tensors):
    with pytest.raises(FloatingPointError, match="learning_rate"):
        trained(tensors, activation="relu", loss="cross_entropy", learning_rate=1e30)


def test_a_gpu_that_is_not_there_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training.choose_device("auto") == training.choose_device("cpu") == torch.device("cpu")
    with pytest.raises(RuntimeError, match="sees no GPU on this machine; set device to auto or cpu"):
        training.choose_device("cuda")


@pytest.mark.parametrize("name", ["auto", "cuda"])
def test_a_gpu_is_asked_for_equal_numbers_in_equal_runs(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    try:
        assert training.choose_device("cpu") == torch.device("cpu")
        assert not torch.are_deterministic_algorithms_enabled()
        assert training.choose_device(name) == torch.device("cuda")
        assert torch.are_deterministic_algorithms_enabled()
        assert not torch.backends.cudnn.allow_tf32
    finally:
        torch.use_deterministic_algorithms(False)
        os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)
