"""What gradient attacks see of a model: a differentiable map from grey levels to logits, or the average of several.

A network is its own. A dense memory over stored patterns answers by overlaps, and those are differentiable: class c
gets

    logit_c = log Σ_{x of class c} F(x·s)

the share of the memory's energy that its patterns of this class hold, at the image itself, without recall. Memories of
sign rules have no such gradient.
"""

import torch
from torch import nn

from weightspace.attacks.grey_attacks import frozen
from weightspace.memories.dense import DenseMemory
from weightspace.memories.dense_training import TrainedDenseMemory
from weightspace.networks.architectures import Network


class OverlapReadOut(nn.Module):
    """Logits of a dense memory's stored patterns; inputs (B, N) in -1 ... 1, logits (B, C), one for each class that it
    stores, by label.
    """

    def __init__(self, memory):
        super().__init__()
        self.patterns = nn.Parameter(torch.as_tensor(memory.patterns, dtype=torch.float32))
        labels = torch.as_tensor(memory.labels)
        self.register_buffer("members", torch.nn.functional.one_hot(labels).T.log())  # (C, P): 0 or -inf
        self.exponent = memory.interaction.exponent

    def forward(self, inputs):
        overlaps = inputs @ self.patterns.T  # (B, P)
        if self.exponent is not None:
            # The small term keeps the gradient finite where an overlap is negative and F is 0.
            overlaps = self.exponent * overlaps.clamp(min=1e-3).log()
        return torch.logsumexp(overlaps[:, None, :] + self.members, dim=2)


class Ensemble(nn.Module):
    """The mean of several models' logits, each divided by its spread over ``images``, so that none drowns the others by
    its scale.
    """

    def __init__(self, modules, images):
        super().__init__()
        self.modules_of = nn.ModuleList(modules)
        with torch.no_grad():
            self.spreads = [float(module(images).std(dim=1).mean()) for module in modules]

    def forward(self, inputs):
        return sum(module(inputs) / spread for module, spread in zip(self.modules_of, self.spreads, strict=True)) / len(
            self.spreads
        )


def attackable(classifier):
    """A differentiable map from grey levels in [0, 1], (B, N), to logits (B, C).

    Raises:
        TypeError: the classifier has no gradient.
    """
    if isinstance(classifier, (Network, TrainedDenseMemory)):
        return frozen(classifier.module)
    if isinstance(classifier, DenseMemory):
        return frozen(OverlapReadOut(classifier))
    raise TypeError(f"a {type(classifier).__name__} has no gradient; gradient attacks take networks and dense memories")
