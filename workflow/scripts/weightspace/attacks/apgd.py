"""Auto-PGD (Croce & Hein 2020): projected gradient descent with momentum that chooses its steps itself, the core of
AutoAttack.

Steps start at twice the budget and are halved, back at the best image so far, whenever too few of the last steps gained
or the best loss stood still, at the paper's checkpoints. So a hand-set step size cannot make it look weak.
"""

import torch
from torch.nn import functional

_MOMENTUM = 0.75
_GAINING = 0.75  # share of the steps since the last checkpoint that must raise the loss


def cross_entropy(logits, labels):
    return functional.cross_entropy(logits, labels, reduction="none")


def difference_of_logits_ratio(logits, labels):
    """DLR (eq. 6 of the paper), -(z_y - max z_i) / (z_(1) - z_(3)): blind to the scale of the logits, where
    cross-entropy's gradient vanishes.
    """
    ordered = logits.sort(1, descending=True).values
    own = logits.gather(1, labels[:, None])[:, 0]
    other = logits.scatter(1, labels[:, None], -torch.inf).amax(1)
    third = ordered[:, min(2, logits.shape[1] - 1)]
    return (other - own) / (ordered[:, 0] - third).clamp(min=1e-12)


LOSSES = {"cross_entropy": cross_entropy, "dlr": difference_of_logits_ratio}


def checkpoints(steps):
    """Numbers of steps after which the step size may be halved: the paper's shares 0.22, 0.41, ... of all, in gaps that
    shrink to 0.06.
    """
    hundredths, gap = [22], 22
    while hundredths[-1] < 100:
        gap = max(gap - 3, 6)
        hundredths.append(hundredths[-1] + gap)
    return [-(-place * steps // 100) for place in hundredths if place <= 100]


def auto_pgd(module, images, labels, budget, definition):
    """APGD within the L∞ ball, for the loss ``definition["loss"]``; see `attacks`. Returns each image's best, not its
    last, place.
    """
    loss_function, steps = LOSSES[definition["loss"]], definition["steps"]

    def project(moved):
        return moved.clamp(images - budget, images + budget).clamp(0, 1)

    def evaluate(at):
        at = at.detach().requires_grad_()
        loss = loss_function(module(at), labels)
        return loss.detach(), torch.autograd.grad(loss.sum(), at)[0]

    now = project(images + budget * (2 * torch.rand_like(images) - 1))
    loss, gradient = evaluate(now)
    best, best_loss, best_gradient = now.clone(), loss.clone(), gradient.clone()
    before, step = now.clone(), torch.full((len(images), 1), 2.0 * budget, device=images.device)
    gained, since = torch.zeros(len(images), device=images.device), 0
    halved, loss_at_checkpoint = torch.ones(len(images), dtype=torch.bool, device=images.device), best_loss.clone()
    marks = set(checkpoints(steps))
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
            now[stuck], before[stuck], gradient[stuck], loss[stuck] = (
                best[stuck],
                best[stuck],
                best_gradient[stuck],
                best_loss[stuck],
            )
            halved, loss_at_checkpoint = stuck, best_loss.clone()
            gained, since = torch.zeros_like(gained), 0
    return best
