"""What attacks on grey images drive up: losses of logits (B, C) and labels (B,), one number for each image."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch.nn import functional

Logits = Float[torch.Tensor, "B C"]
Labels = Int64[torch.Tensor, "B"]
Losses = Float[torch.Tensor, "B"]
# What is attacked: from grey levels in [0, 1], (B, N), to logits; a `torch.nn.Module` or any such function.
Attacked = Callable[[torch.Tensor], torch.Tensor]


def margins(logits: Logits, labels: Labels) -> Losses:
    """The largest other logit less that of the label: above 0 where the image is misclassified."""
    own = logits.gather(1, labels[:, None])[:, 0]
    return logits.scatter(1, labels[:, None], -torch.inf).amax(1) - own


def cross_entropy(logits: Logits, labels: Labels) -> Losses:
    return functional.cross_entropy(logits, labels, reduction="none")


def difference_of_logits_ratio(logits: Logits, labels: Labels) -> Losses:
    """DLR (Croce & Hein 2020, eq. 6), -(z_y - max z_i) / (z_(1) - z_(3)): blind to the scale of the logits, where
    cross-entropy's gradient vanishes.

    Of two classes there is no z_(3), and the ratio would be 1 or -1 everywhere; then it is the margin alone, the loss
    of Carlini & Wagner (2017).
    """
    if logits.shape[1] < 3:
        return margins(logits, labels)
    ordered = logits.sort(1, descending=True).values
    return margins(logits, labels) / (ordered[:, 0] - ordered[:, 2]).clamp(min=1e-12)


LOSSES = {"cross_entropy": cross_entropy, "dlr": difference_of_logits_ratio}


def loss_and_gradient(
    module: Attacked, images: Float[torch.Tensor, "B N"], labels: Labels, loss: str = "cross_entropy"
) -> tuple[Losses, Float[torch.Tensor, "B N"]]:
    """Each image's loss, one of `LOSSES`, and its gradient."""
    images = images.detach().requires_grad_()
    losses = LOSSES[loss](module(images), labels)
    return losses.detach(), torch.autograd.grad(losses.sum(), images)[0]


def loss_gradient(module: Attacked, images: Float[torch.Tensor, "B N"], labels: Labels) -> Float[torch.Tensor, "B N"]:
    """Gradient of each image's cross-entropy."""
    return loss_and_gradient(module, images, labels)[1]
