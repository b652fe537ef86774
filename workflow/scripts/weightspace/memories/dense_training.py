"""The trained dense associative memory of Krotov & Hopfield (2016), a classifier: hidden memories of image and label,
learnt by gradient.

K memories ``ξ^μ`` of N + C units, N visible ones and one label unit per class, have the energy ``E = -Σ_μ F(ξ^μ·(v,
x))``, F(z) = max(z, 0)^n. An image v is answered by one step of all label units, which start at -1 (the paper's eq. 9):
unit α becomes

    c_α = tanh(logit_α)     logit_α = T^-n Σ_μ [F(z_μ + 2 ξ^μ_α) - F(z_μ)]     z_μ = Σ_i ξ^μ_i v_i - Σ_γ ξ^μ_γ

which is the energy of all labels at -1 less that with label α at +1, over ``T^n`` (the paper's 1/β). The answer is the
class of the largest.

Training follows the paper in the energies, in the one-step answer, in Gaussian initial weights, and in clipping all
weights to [-1, 1] after each step. It differs in three things. The loss is the cross-entropy of softmax(logits), the
probability that the energies give to the C states of one label at +1, where the paper takes ``Σ (c - t)^(2m)``; both
are lowest where the right label wins by far, but this one does not saturate. Steps are Adam's, with a rate that falls
linearly to 0, where the paper has momentum, each memory's step scaled to its largest entry, and a rate that falls
geometrically. Images are binarised, where the paper's are grey.
"""

import logging
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int, Shaped
from torch import nn
from torch.nn import functional

from weightspace.classifier import Labels
from weightspace.memories.hopfield import check_patterns
from weightspace.networks.torch_classifier import TorchClassifier


class EnergyDifferences(torch.autograd.Function):
    """``Σ_μ F(z_μ + s_μα) - F(z_μ)``, shape (B, C), of overlaps z (B, K) and shifts s (K, C); class by class, since (B,
    K, C) leaves the cache.
    """

    @staticmethod
    def forward(ctx, overlaps, shifts, exponent):
        ctx.save_for_backward(overlaps, shifts)
        ctx.exponent = exponent
        rest = _rectified_power(overlaps, exponent).sum(1)
        return torch.stack([_rectified_power(overlaps + shift, exponent).sum(1) - rest for shift in shifts.T], dim=1)

    @staticmethod
    def backward(ctx, gradient):
        overlaps, shifts = ctx.saved_tensors
        power = ctx.exponent - 1
        to_overlaps = _rectified_power(overlaps, power) * -gradient.sum(1, keepdim=True)
        to_shifts = torch.empty_like(shifts)
        for label, shift in enumerate(shifts.T):
            part = _rectified_power(overlaps + shift, power) * gradient[:, label : label + 1]
            to_shifts[:, label] = part.sum(0)
            to_overlaps += part
        return to_overlaps * ctx.exponent, to_shifts * ctx.exponent, None


def _rectified_power(values, exponent):
    """``max(values, 0)^exponent`` by repeated squaring, several times faster than torch's power of floats."""
    square, result = values.clamp(min=0), None
    while exponent:
        if exponent & 1:
            result = square if result is None else result * square
        exponent >>= 1
        if exponent:
            square = square * square
    return result


class LabelMemories(nn.Module):
    """The hidden memories, ``visible`` (K, N) and ``labels`` (K, C); inputs (B, N) in -1 ... 1 to logits (B, C),
    differentiable once.
    """

    def __init__(self, memories: int, inputs: int, classes: int, *, exponent: int, temperature: float) -> None:
        super().__init__()
        self.visible = nn.Parameter(torch.zeros(memories, inputs))
        self.labels = nn.Parameter(torch.zeros(memories, classes))
        self.exponent, self.temperature = exponent, temperature

    def forward(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        overlaps = inputs @ self.visible.T - self.labels.sum(1)
        return EnergyDifferences.apply(overlaps / self.temperature, 2 * self.labels / self.temperature, self.exponent)

    @torch.no_grad()
    def draw(self, deviation: float, generator: torch.Generator) -> None:
        """Initial weights: Gaussian of mean 0, clipped."""
        for weights in self.parameters():
            weights.normal_(0, deviation, generator=generator).clamp_(-1, 1)


class TrainedDenseMemory(TorchClassifier):
    """A classifier of binary images, made of hidden memories; it stores no training image, so it has no recall and no
    read-out but its labels.

    Its logits are the energy differences of the label units.
    """

    KIND = "trained_dense_memory"

    module: LabelMemories

    @staticmethod
    def untrained(description: dict[str, Any]) -> LabelMemories:
        return _build(description["definition"], description["inputs"], description["classes"])

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        """Class of the largest logit, the first of equals; a memory takes patterns of ±1 and nothing between."""
        return super().predict(check_patterns(patterns, size=self.module.visible.shape[1]))


def _build(definition: Mapping[str, Any], inputs: int, classes: int) -> LabelMemories:
    shape = (definition["memories"], inputs, classes)
    return LabelMemories(*shape, exponent=definition["exponent"], temperature=definition["temperature"])


def train(
    patterns: Shaped[np.ndarray, "B N"],
    labels: Int[np.ndarray, " B"],
    definition: Mapping[str, Any],
    *,
    generator: np.random.Generator,
    description: Mapping[str, Any] | None = None,
) -> tuple[TrainedDenseMemory, pd.DataFrame]:
    """Learn hidden memories; on one thread, so that equal seeds give equal bytes.

    Args:
        patterns: of ±1, with ``labels`` from 0.
        definition: ``memories`` K, ``exponent`` n ≥ 2, ``temperature`` T, ``deviation`` of the initial weights,
            ``epochs``, ``batch_size``, ``learning_rate`` of Adam's first step.
        generator: of the initial weights and the order of the images.

    Returns:
        The memory, and the history with the columns epoch, train_loss, train_error: means over the epoch's images, each
        before the step that it takes part in.

    Raises:
        ValueError: the patterns are not ±1, or n is below 2.
        FloatingPointError: the loss is no longer a number.
    """
    if definition["exponent"] < 2:
        raise ValueError(f"exponent is {definition['exponent']}; allowed: an integer of at least 2")
    patterns, labels = check_patterns(patterns), np.asarray(labels)
    inputs, classes = patterns.shape[1], int(labels.max()) + 1
    source = torch.Generator().manual_seed(int(generator.integers(2**63)))
    module = _build(definition, inputs, classes)
    module.draw(definition["deviation"], source)
    data = torch.as_tensor(patterns, dtype=torch.float32), torch.as_tensor(labels, dtype=torch.int64)
    optimiser = torch.optim.Adam(module.parameters(), lr=definition["learning_rate"], fused=True)
    steps = definition["epochs"] * -(-len(labels) // definition["batch_size"])
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    history = []
    with _one_thread():
        for epoch in range(1, definition["epochs"] + 1):
            batches = torch.randperm(len(labels), generator=source).split(definition["batch_size"])
            history.append({"epoch": epoch, **_learn(module, optimiser, schedule, data, batches)})
            logging.info("epoch %(epoch)d: loss %(train_loss).4f, training error %(train_error).4f", history[-1])
            if not np.isfinite(history[-1]["train_loss"]):
                raise FloatingPointError(
                    f"the training loss is no number after epoch {epoch}: lower learning_rate or raise temperature"
                )
    described = {"definition": definition, "inputs": inputs, "classes": classes, **(description or {})}
    return TrainedDenseMemory(module, described), pd.DataFrame(history)


def evaluate(
    memory: TrainedDenseMemory, patterns: Shaped[np.ndarray, "B N"], labels: Int[np.ndarray, " B"]
) -> tuple[float, float]:
    """Cross-entropy and share misclassified over patterns of ±1."""
    logits, right = torch.as_tensor(memory.logits(patterns)), torch.as_tensor(np.asarray(labels), dtype=torch.int64)
    return functional.cross_entropy(logits, right).item(), (logits.argmax(1) != right).float().mean().item()


@contextmanager
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _learn(module, optimiser, schedule, data, batches):
    """One epoch; mean loss and share misclassified."""
    images, labels = data
    total_loss, wrong = torch.zeros(()), torch.zeros(())
    for batch in batches:
        logits, right = module(images[batch]), labels[batch]
        loss = functional.cross_entropy(logits, right)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for weights in module.parameters():
                weights.clamp_(-1, 1)
            total_loss += loss * len(batch)
            wrong += (logits.argmax(1) != right).sum()
    return {"train_loss": total_loss.item() / len(labels), "train_error": wrong.item() / len(labels)}
