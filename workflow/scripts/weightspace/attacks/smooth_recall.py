"""Smooth stand-ins for models that have no gradients, for attacks by gradient: inputs (B, N), class scores (B, C), and
the same bits as the model.

A memory's recall flips neurons one by one by the sign of a field. The stand-in moves all of them at once by a smooth
function of it, a few times, which is differentiable from the image to the final overlaps; its steepness and number of
steps are swept, since no one choice is right for all memories (Athalye et al. 2018: gradients must be made to exist,
and then the real model asked).
"""

import numpy as np
import torch
from torch import nn


class ClassOverlaps(nn.Module):
    """For each class the largest overlap with one of its patterns: exact for nearest neighbours, and the read-out of a
    memory.
    """

    def __init__(self, patterns, labels):
        super().__init__()
        self.patterns = torch.as_tensor(patterns, dtype=torch.float32)  # (P, N)
        labels = torch.as_tensor(np.asarray(labels), dtype=torch.int64)
        # (C, P): 0 where the pattern is of the class.
        self.others = torch.where(torch.arange(int(labels.max()) + 1)[:, None] == labels, 0.0, -torch.inf)

    def forward(self, states):
        overlaps = states @ self.patterns.T / self.patterns.shape[1]
        return (overlaps[:, None, :] + self.others).amax(2)


class QuadraticRecall(nn.Module):
    """``s ← tanh(steepness · W s / σ)``, repeated; σ is the root mean square of the stored patterns' fields."""

    def __init__(self, memory, *, steps, steepness):
        super().__init__()
        weights = torch.as_tensor(memory.weights, dtype=torch.float32)
        spread = (torch.as_tensor(memory.patterns, dtype=torch.float32) @ weights).square().mean().sqrt()
        self.weights = weights * (steepness / spread)
        self.steps = steps

    def forward(self, states):
        for _ in range(self.steps):
            states = torch.tanh(states @ self.weights)
        return states


class DenseRecall(nn.Module):
    """``s ← Σ_x a_x x`` with ``a = softmax(steepness · log F'(x·s) / σ)``, repeated: recall unrolled, all neurons at
    once.

    With steepness σ this is the mean-field update of the energy (Ramsauer et al. 2021 for exp). F' falls so steeply
    that its gradient vanishes in all but the closest cases; σ, the spread of log F' among the stored patterns, makes
    one range of steepness fit all F.
    """

    def __init__(self, memory, *, steps, steepness):
        super().__init__()
        self.patterns = torch.as_tensor(memory.patterns, dtype=torch.float32)
        self.exponent = memory.interaction.exponent
        overlaps = self.patterns @ self.patterns.T
        apart = ~torch.eye(len(self.patterns), dtype=torch.bool)
        self.scale = steepness / self._log_slope(overlaps[apart]).std().item()
        self.steps = steps

    def _log_slope(self, overlaps):
        """log F'(z) without constants."""
        return overlaps if self.exponent is None else (self.exponent - 1) * overlaps.clamp(min=1).log()

    def forward(self, states):
        for _ in range(self.steps):
            attention = (self.scale * self._log_slope(states @ self.patterns.T)).softmax(1)
            states = attention @ self.patterns
        return states


def unrolled(memory, *, steps, steepness):
    """Smooth recall of a quadratic or dense memory, states (B, N) to states (B, N)."""
    kind = DenseRecall if hasattr(memory, "interaction") else QuadraticRecall
    return kind(memory, steps=steps, steepness=steepness)


def margin_gradient(module):
    """The function (patterns, labels) -> gradient (B, N) float32 of the right class's score less the largest other."""
    for parameter in module.parameters():
        parameter.requires_grad_(False)

    def gradient(patterns, labels):
        inputs = torch.as_tensor(patterns, dtype=torch.float32).requires_grad_()
        scores, right = module(inputs), torch.as_tensor(labels)[:, None]
        others = scores.scatter(1, right, -torch.inf).amax(1)
        (scores.gather(1, right)[:, 0] - others).sum().backward()
        return inputs.grad.numpy()

    return gradient
