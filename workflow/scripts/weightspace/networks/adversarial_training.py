"""Adversarial training (Madry et al. 2018): a network learns from images that are moved, before each step, so as to
mislead it as it stands.
"""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch.nn import functional


def misleading(
    module: torch.nn.Module,
    images: Float[torch.Tensor, "B N"],
    labels: Int64[torch.Tensor, " B"],
    adversary: Mapping[str, Any],
) -> Float[torch.Tensor, "B N"]:
    """Images in -1 ... 1 moved within linf by projected gradient descent from a random start, which PyTorch draws.

    Args:
        adversary: ``budget``, a share of full scale, ``steps`` and ``step_size``, a share of the budget.

    It drives up the cross-entropy of the logits, whatever the network learns by: gradients through an output's tanh
    vanish. The module's own gradients are left as they are.
    """
    budget = 2 * adversary["budget"]  # full scale is 2 from -1 to 1
    lowest, highest = (images - budget).clamp(min=-1), (images + budget).clamp(max=1)
    moved = (images + budget * (2 * torch.rand_like(images) - 1)).clamp(-1, 1)
    for _ in range(adversary["steps"]):
        moved.requires_grad_()
        loss = functional.cross_entropy(module(moved), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, moved)
        moved = moved.detach() + adversary["step_size"] * budget * gradient.sign()
        moved = torch.clamp(moved, lowest, highest)
    return moved.detach()
