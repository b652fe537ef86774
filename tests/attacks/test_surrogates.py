"""What attacks see of models."""

import numpy as np
import pytest
import torch

from weightspace.attacks import losses
from weightspace.attacks.surrogates import Ensemble, attackable, to_tensors
from weightspace.classifier import Classifier
from weightspace.memories import quadratic_rules
from weightspace.memories.dense import DenseMemory
from weightspace.memories.dense_energy import Interaction
from weightspace.memories.memory import Memory


def by_interaction(interaction, overlaps):
    return np.exp(overlaps) if interaction.exponent is None else np.maximum(overlaps, 1e-3) ** interaction.exponent


@pytest.mark.parametrize(
    "interaction", [Interaction("polynomial", 3), Interaction("polynomial", 20), Interaction("exponential")]
)
def test_a_dense_memorys_logits_are_its_energy_by_class_before_and_after_a_step_of_recall(interaction):
    generator = np.random.default_rng(0)
    patterns = (2 * generator.integers(0, 2, (12, 40)) - 1).astype(np.int8)
    labels = np.arange(12) % 3
    memory = DenseMemory(patterns, labels, np.arange(12), interaction, {})
    states = patterns[:5].copy()
    states[:, :6] *= -1
    overlaps = states.astype(float) @ patterns.T.astype(float)
    terms = by_interaction(interaction, overlaps)
    expected = np.log(np.stack([terms[:, labels == value].sum(1) for value in range(3)], axis=1))
    recalled = memory.smooth_recall(to_tensors(), steepness=2)(torch.as_tensor(states, dtype=torch.float32)).numpy()
    terms = by_interaction(interaction, recalled.astype(float) @ patterns.T.astype(float))
    expected += np.log(np.stack([terms[:, labels == value].sum(1) for value in range(3)], axis=1))
    surrogate = attackable(memory)
    grey = torch.as_tensor((states + 1) / 2, dtype=torch.float32)
    assert surrogate(grey).numpy() == pytest.approx(expected, rel=1e-4, abs=1e-4)
    gradient = losses.loss_gradient(surrogate, grey.clamp(0.1, 0.9), torch.as_tensor(labels[:5]))
    assert torch.isfinite(gradient).all()


def test_a_quadratic_memory_is_attacked_through_its_recall():
    """What its stand-in says of an image is what the memory reads off after recall, of images near what it stores."""
    generator = np.random.default_rng(0)
    patterns = (2 * generator.integers(0, 2, (4, 200)) - 1).astype(np.int8)
    labels = np.arange(4)
    memory = Memory(quadratic_rules.hebbian(patterns), patterns, labels, labels, {})
    states = np.where(generator.random(patterns.shape) < 0.2, -patterns, patterns).astype(np.int8)
    surrogate = attackable(memory)
    grey = torch.as_tensor((states + 1) / 2, dtype=torch.float32)
    assert surrogate(grey).argmax(1).tolist() == memory.predict(states).tolist() == labels.tolist()
    assert not torch.allclose(surrogate(grey), surrogate(1 - grey))
    gradient = losses.loss_gradient(surrogate, grey.clamp(0.1, 0.9), torch.as_tensor(labels))
    assert torch.isfinite(gradient).all()
    assert (gradient != 0).any(dim=1).all()


def test_what_has_no_gradient_is_refused():
    class Guess(Classifier):
        def predict(self, patterns):
            return np.zeros(len(patterns), dtype=np.int64)

    with pytest.raises(TypeError, match="a Guess has no gradient; gradient attacks take networks and memories"):
        attackable(Guess())


def test_an_ensemble_weighs_its_members_alike_whatever_the_scale_of_their_logits(module, images):
    grey = torch.as_tensor(images[0] / np.float32(255))

    class Louder(torch.nn.Module):
        def forward(self, inputs):
            return 1000 * module(inputs)

    both = Ensemble([module, Louder()], grey)(grey)
    assert torch.allclose(both, module(grey) / module(grey).std(dim=1).mean(), rtol=1e-4)
