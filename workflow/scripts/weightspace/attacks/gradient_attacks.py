"""Attacks that follow gradients within the ball of a budget and project every step onto it: projected gradient descent,
with momentum, and with steps that choose themselves.

See `grey_methods` for the form of a method.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float, Int64

from weightspace.attacks.losses import Attacked, loss_and_gradient, loss_gradient

Images = Float[torch.Tensor, "B N"]
Labels = Int64[torch.Tensor, "B"]

_TINY = 1e-12  # instead of a length of 0
_MOMENTUM = 0.75
_GAINING = 0.75  # share of the steps since the last checkpoint that must raise the loss


def projected_gradient_descent(
    module: Attacked, images: Images, labels: Labels, budget: float, definition: Mapping[str, Any]
) -> Images:
    """Madry et al. (2018): steps along the gradient from a random start, projected onto the budget's ball."""
    step, norm = definition["step_size"] * budget, definition["norm"]
    project = _projection(images, budget, norm)
    start = torch.rand_like(images).mul_(2).sub_(1) if norm == "linf" else _uniform_in_ball(images)
    attacked = project(images + budget * start)
    for _ in range(definition["steps"]):
        gradient = loss_gradient(module, attacked, labels)
        direction = (
            gradient.sign_() if norm == "linf" else gradient / gradient.norm(dim=1, keepdim=True).clamp(min=_TINY)
        )
        attacked = project(attacked.add(direction, alpha=step))
    return attacked


def _projection(images: Images, budget: float, norm: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function that brings moved images back into the budget's ball and into [0, 1]."""
    if norm == "linf":
        lowest, highest = (images - budget).clamp(min=0), (images + budget).clamp(max=1)
        return lambda moved: torch.clamp(moved, lowest, highest)

    def project(moved: Images) -> Images:
        change = moved - images
        return (images + change * (budget / change.norm(dim=1, keepdim=True).clamp(min=_TINY)).clamp(max=1)).clamp(0, 1)

    return project


def _uniform_in_ball(images: Images) -> Images:
    """Uniform draws from the ball of radius 1: a direction, and a radius whose N-th power is uniform."""
    direction = torch.randn_like(images)
    return direction / direction.norm(dim=1, keepdim=True) * torch.rand_like(images[:, :1]) ** (1 / images.shape[1])


def momentum_iterative(
    module: Attacked, images: Images, labels: Labels, budget: float, definition: Mapping[str, Any]
) -> Images:
    """MI-FGSM (Dong et al. 2018), made to transfer: gradients, each divided by its mean size, are summed up, and steps
    follow the sign of the sum.
    """
    project, attacked, momentum = _projection(images, budget, "linf"), images, torch.zeros_like(images)
    for _ in range(definition["steps"]):
        gradient = loss_gradient(module, attacked, labels)
        momentum = definition["decay"] * momentum + gradient / gradient.abs().mean(1, keepdim=True).clamp(min=1e-30)
        attacked = project(attacked + budget / definition["steps"] * momentum.sign())
    return attacked


def auto_pgd(module: Attacked, images: Images, labels: Labels, budget: float, definition: Mapping[str, Any]) -> Images:
    """Auto-PGD (Croce & Hein 2020) within linf, the core of AutoAttack, for the loss ``definition["loss"]``: projected
    gradient descent with momentum that chooses its steps itself. Returns each image's best, not its last, place.

    Steps start at twice the budget and are halved, back at the best image so far, whenever too few of the last steps
    gained or the best loss stood still, at the paper's checkpoints. So a hand-set step size cannot make it look weak.
    """
    steps, marks, count = definition["steps"], set(checkpoints(definition["steps"])), len(images)

    def project(moved: Images) -> Images:
        return moved.clamp(images - budget, images + budget).clamp(0, 1)

    def evaluate(at: Images) -> tuple[torch.Tensor, torch.Tensor]:
        return loss_and_gradient(module, at, labels, definition["loss"])

    now = project(images + budget * (2 * torch.rand_like(images) - 1))
    loss, gradient = evaluate(now)
    best, best_loss, best_gradient = now.clone(), loss.clone(), gradient.clone()
    before, step = now.clone(), torch.full((count, 1), 2.0 * budget, device=images.device)
    gained, since = torch.zeros(count, device=images.device), 0
    halved, loss_at_checkpoint = torch.ones(count, dtype=torch.bool, device=images.device), best_loss.clone()
    for number in range(1, steps + 1):
        target = project(now + step * gradient.sign())
        share = 1.0 if number == 1 else _MOMENTUM
        moved = project(now + share * (target - now) + (1 - share) * (now - before))
        before, now = now, moved
        last_loss = loss
        loss, gradient = evaluate(now)
        gained, since = gained + (loss > last_loss), since + 1
        better = loss > best_loss
        best[better], best_loss[better], best_gradient[better] = now[better], loss[better], gradient[better]
        if number in marks:
            stuck = (gained < _GAINING * since) | (~halved & (best_loss <= loss_at_checkpoint))
            step[stuck] /= 2
            now[stuck], before[stuck] = best[stuck], best[stuck]
            gradient[stuck], loss[stuck] = best_gradient[stuck], best_loss[stuck]
            halved, loss_at_checkpoint = stuck, best_loss.clone()
            gained, since = torch.zeros_like(gained), 0
    return best


def checkpoints(steps: int) -> list[int]:
    """Numbers of steps after which Auto-PGD may halve its steps: the paper's shares 0.22, 0.41, ... of all, in gaps
    that shrink to 0.06.
    """
    hundredths, gap = [22], 22
    while hundredths[-1] < 100:
        gap = max(gap - 3, 6)
        hundredths.append(hundredths[-1] + gap)
    return [-(-place * steps // 100) for place in hundredths if place <= 100]
