"""The continuous memory: its energy, its recall and what it answers, against independent ways to the same."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

import train_continuous_memory
from weightspace.attacks.surrogates import to_tensors
from weightspace.data import IMAGES, LABELS
from weightspace.data.raw_files import write_idx
from weightspace.loading import load
from weightspace.memories.continuous import ContinuousMemory, scaled, train


def grey_images(count, *, size=30, seed=0):
    """Three classes of noisy copies of a random image each."""
    source = np.random.default_rng(seed)
    labels = source.integers(3, size=count)
    means = np.random.default_rng(7).integers(0, 256, (3, size))
    return np.clip(means[labels] + source.normal(0, 60, (count, size)), 0, 255).astype(np.uint8), labels


def memory(beta=0.3, steps=1, count=40):
    grey, labels = grey_images(count)
    return ContinuousMemory(grey, labels, np.arange(count), beta, steps)


def test_states_are_those_of_the_layer_that_the_authors_published():
    # hopfield-layers computes softmax(β R Yᵀ) Y: attention of the state to the stored patterns. Padding them with
    # the unit that is always at 1 is all that differs here.
    one, states = memory(), scaled(grey_images(9, seed=1)[0])
    stored = torch.tensor(scaled(one.grey))
    keys = torch.cat([stored, -stored.square().sum(1, keepdim=True) / 2], dim=1)
    query = torch.cat([torch.tensor(states), torch.ones(9, 1, dtype=torch.float64)], dim=1)
    for _ in range(3):
        value = torch.nn.functional.scaled_dot_product_attention(query[None], keys[None], stored[None], scale=one.beta)
        states = one.update(states)
        assert np.abs(value[0].numpy() - states).max() < 1e-12
        query = torch.cat([value[0], torch.ones(9, 1, dtype=torch.float64)], dim=1)


def test_the_energy_is_that_of_the_distances_and_falls_until_rest():
    one, states = memory(beta=0.05, steps=500), scaled(grey_images(20, seed=1)[0])
    distances = np.square(states[:, None] - scaled(one.grey)).sum(axis=2)
    assert np.allclose(one.energy(states), -np.log(np.exp(-0.05 * distances / 2).mean(axis=1)) / 0.05)
    energies = [one.energy(states)]
    for _ in range(60):
        states = one.update(states)
        energies.append(one.energy(states))
    assert (np.diff(energies, axis=0) < 1e-9).all()
    assert (energies[0] - energies[-1] > 1).all()
    rest = one.settle(states)
    assert np.abs(one.update(rest) - rest).max() < 1e-6


@pytest.mark.parametrize("steps", [1, 5])
def test_with_a_large_beta_it_is_the_nearest_neighbour(steps):
    one, grey = memory(beta=1000.0, steps=steps), grey_images(50, seed=1)[0]
    nearest = np.square(scaled(grey)[:, None] - scaled(one.grey)).sum(axis=2).argmin(axis=1)
    assert (one.answers(grey, np.ones((50, 30)))["grey"] == one.labels[nearest]).all()
    assert len(set(one.labels[nearest])) == 3


@pytest.mark.parametrize("steps", [1, 3])
def test_what_is_attacked_answers_as_the_memory_does(steps):
    one, states = memory(steps=steps), scaled(grey_images(25, seed=1)[0])
    formula = one.differentiable(to_tensors())
    inputs = torch.tensor(states, dtype=torch.float32, requires_grad=True)
    scores = formula(inputs)
    assert np.allclose(scores.detach().numpy(), one.scores(states), atol=1e-4)
    # The label units themselves: shares of the softmax.
    settled = one.settle(states)
    weights = np.exp(-one.beta / 2 * np.square(settled[:, None] - scaled(one.grey)).sum(axis=2))
    shares = np.stack([weights[:, one.labels == label].sum(axis=1) for label in range(3)], axis=1)
    exact = one.beta * one.scores(states)
    assert np.allclose(exact - exact[:, :1], np.log(shares) - np.log(shares[:, :1]))
    (gradient,) = torch.autograd.grad((scores[:, 1] - scores[:, 0]).sum(), inputs)
    step = 1e-3 * np.random.default_rng(2).normal(size=states.shape)
    change = np.subtract(*(one.scores(moved)[:, 1] - one.scores(moved)[:, 0] for moved in (states + step, states)))
    assert np.allclose((gradient.numpy() * step).sum(axis=1), change, atol=0.1 * np.abs(change).max())


def test_classes_of_unequal_size_count_every_image_once():
    grey = np.array([[0, 0], [255, 255], [255, 250]], dtype=np.uint8)
    one = ContinuousMemory(grey, np.array([0, 1, 1]), np.arange(3), 1e-9, 1)
    assert one.predict(np.array([[-1.0, -1.0]])) == [1]  # two of three vote for it, from however far
    assert np.array_equal(one.stored, [[-1, -1], [1, 1], [1, 1]])


def test_beta_is_chosen_on_images_that_are_not_stored(tmp_path):
    grey, labels = grey_images(90)
    for split in ("train", "test"):
        write_idx(tmp_path / IMAGES[split], grey.reshape(-1, 5, 6))
        write_idx(tmp_path / LABELS[split], labels.astype(np.uint8))
    definition = {"rule": "continuous", "images": 40, "validation": 50, "betas": [0.5, 1e-6, 0.1], "steps": 2}
    made = {name: [str(tmp_path / f"{name}{seed}") for seed in range(2)] for name in ("models", "histories")}
    settings = {"definition": definition, "threshold": 0.5, "dataset": "drawn"}
    train_continuous_memory.main(
        SimpleNamespace(raw=[str(tmp_path / IMAGES["train"])]), SimpleNamespace(**made), settings
    )
    for seed, (path, history) in enumerate(zip(made["models"], made["histories"], strict=True)):
        kept, errors = load(path), pd.read_csv(history).set_index("beta").validation_error
        assert kept.description["seed"] == seed
        assert errors[kept.beta] == errors.min() < errors[1e-6]
        assert (grey[kept.index] == kept.grey).all()
        others = np.setdiff1d(np.arange(90), kept.index)
        assert (kept.predict(scaled(grey[others])) != labels[others]).mean() == errors.min()
    with pytest.raises(ValueError, match=r"there are 90 images; needed are 41 to store and 50 to choose beta by"):
        train(grey, labels, np.arange(90), definition | {"images": 41})
