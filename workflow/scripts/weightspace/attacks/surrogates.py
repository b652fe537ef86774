"""What gradient attacks see of a model: its own scores where they have gradients, else smooth stand-ins.

Recall flips neurons one by one by the sign of a field, which has no gradient. A stand-in moves all of them at once by a
smooth function of it, a few times; its steepness and number of steps are swept, since no one choice is right for all
memories (Athalye et al. 2018: gradients must be made to exist, and then the real model asked). Each model brings its
own formulas (`classifier.Classifier`); here they are given tensors.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Float32, Int, Int8
from torch import nn

from weightspace.attacks.losses import margins
from weightspace.attacks.portfolio import Attacked
from weightspace.classifier import Classifier, Formula, ToTensor


def to_tensors(device: str | torch.device = "cpu") -> ToTensor:
    """A function from arrays to tensors of single precision on a device."""
    return partial(torch.as_tensor, dtype=torch.float32, device=device)


def margin_gradient(
    scores: Formula,
) -> Callable[[Int8[np.ndarray, "B N"], Int[np.ndarray, " B"]], Float32[np.ndarray, "B N"]]:
    """The function (patterns, labels) -> gradient of the right class's score less the largest other.

    Args: scores, from tensors (B, N) to (B, C), differentiable.
    """

    def gradient(patterns, labels):
        inputs = torch.as_tensor(patterns, dtype=torch.float32).requires_grad_()
        margin = -margins(scores(inputs), torch.as_tensor(labels))
        return torch.autograd.grad(margin.sum(), inputs)[0].numpy()

    return gradient


def class_gradient(
    scores: Formula,
) -> Callable[[Int8[np.ndarray, "B N"], Int[np.ndarray, " B"], Int[np.ndarray, " B"]], Float32[np.ndarray, "B N"]]:
    """The function (patterns, labels, classes) -> gradient of the label's score less the class's.

    Args: scores, from tensors (B, N) to (B, C), differentiable.
    """

    def gradient(patterns, labels, classes):
        inputs = torch.as_tensor(patterns, dtype=torch.float32).requires_grad_()
        found = scores(inputs)
        margins = found.gather(1, torch.as_tensor(labels)[:, None]) - found.gather(1, torch.as_tensor(classes)[:, None])
        return torch.autograd.grad(margins.sum(), inputs)[0].numpy()

    return gradient


def as_attacked(model: Classifier, sweep: Mapping[str, Sequence[int]], classes: int) -> Attacked:
    """A model as the portfolio sees it: its own gradients where it has any, else those of its stand-ins."""
    own = model.differentiable(to_tensors())
    formulas = model.stand_ins(to_tensors(), sweep) if own is None else [own]
    return Attacked(model.predict, model.scores, [class_gradient(formula) for formula in formulas], classes)


class GreyLevels(nn.Module):
    """Scores seen from the domain of attacks on grey images: grey levels in [0, 1] in, logits out."""

    def __init__(self, scores: Formula) -> None:
        super().__init__()
        self.scores = scores

    def forward(self, grey: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        return self.scores(2 * grey - 1)


def frozen(scores: Formula) -> GreyLevels:
    """What attacks on grey images see of a network or of another model's scores; frozen, since they ask for gradients
    of images, and those of weights would cost as much again.
    """
    seen = GreyLevels(scores).eval().requires_grad_(False)
    for layer in seen.modules():
        if isinstance(layer, nn.RNNBase):
            # A GPU gives gradients of recurrent layers in training mode only, which differs in its dropout alone.
            layer.train()
            layer.dropout = 0.0
    return seen


def attackable(classifier: Classifier, device: str | torch.device = "cpu") -> GreyLevels:
    """A differentiable map from grey levels in [0, 1], (B, N), to logits (B, C).

    Raises:
        TypeError: the classifier has no gradient.
    """
    surrogate = classifier.grey_surrogate(to_tensors(device))
    if surrogate is None:
        raise TypeError(f"a {type(classifier).__name__} has no gradient; gradient attacks take networks and memories")
    return frozen(surrogate).to(device)


class Ensemble(nn.Module):
    """The mean of several models' logits, each divided by its spread over ``images``, so that none drowns the others by
    its scale.
    """

    def __init__(self, modules: Sequence[nn.Module], images: Float[torch.Tensor, "M N"]) -> None:
        super().__init__()
        self.modules_of = nn.ModuleList(modules)
        with torch.no_grad():
            self.spreads = [float(module(images).std(dim=1).mean()) for module in modules]

    def forward(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        logits = [module(inputs) / spread for module, spread in zip(self.modules_of, self.spreads, strict=True)]
        return sum(logits[1:], logits[0]) / len(self.spreads)
