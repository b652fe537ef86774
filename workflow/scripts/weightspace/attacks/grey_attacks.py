"""Attacks on grey images: each turns clean grey levels into attacked ones within a budget, rounded to the 8-bit levels
of a real image.

A method is one function ``method(module, images, labels, budget, definition) -> attacked``: ``module`` takes grey
levels in [0, 1], (B, N), to logits; ``images`` and what is returned are such tensors, ``labels`` (B,) are what the
attack leads away from. `MINIMAL` methods get no budget: they seek the nearest misclassified image, and what they find
is then stretched or shrunk to each budget.

Attacks work on logits, since gradients vanish where a tanh output saturates, and none stops early: all steps are taken
for every image, because images from an attack that stops at the first success barely transfer to another model.
"""

import foolbox
import numpy as np
import torch
from torch import nn

from weightspace.attacks.apgd import auto_pgd
from weightspace.attacks.square import square
from weightspace.logs import progress
from weightspace.user_code import load_function

WHITE = 255


def fast_gradient_sign(module, images, labels, budget, definition):
    """Goodfellow et al. (2015): one step of the full budget along the sign of the gradient."""
    return _foolbox(foolbox.attacks.LinfFastGradientAttack(random_start=False), module, images, labels, epsilon=budget)


def projected_gradient_descent(module, images, labels, budget, definition):
    """Madry et al. (2018): steps along the gradient from a random start, projected onto the budget's ball."""
    step, norm = definition["step_size"] * budget, definition["norm"]
    project = _projection(images, budget, norm)
    start = torch.rand_like(images).mul_(2).sub_(1) if norm == "linf" else _uniform_in_ball(images)
    attacked = project(images + budget * start)
    for _ in range(definition["steps"]):
        gradient = loss_gradient(module, attacked, labels)
        direction = (
            gradient.sign_() if norm == "linf" else gradient / gradient.norm(dim=1, keepdim=True).clamp(min=1e-12)
        )
        attacked = project(attacked.add(direction, alpha=step))
    return attacked


def _projection(images, budget, norm):
    """A function that brings moved images back into the budget's ball and into [0, 1]."""
    if norm == "linf":
        lowest, highest = (images - budget).clamp(min=0), (images + budget).clamp(max=1)
        return lambda moved: torch.clamp(moved, lowest, highest)

    def project(moved):
        change = moved - images
        return (images + change * (budget / change.norm(dim=1, keepdim=True).clamp(min=1e-12)).clamp(max=1)).clamp(0, 1)

    return project


def _uniform_in_ball(images):
    """Uniform draws (B, N) from the ball of radius 1: a direction, and a radius whose N-th power is uniform."""
    direction = torch.randn_like(images)
    return direction / direction.norm(dim=1, keepdim=True) * torch.rand_like(images[:, :1]) ** (1 / images.shape[1])


def momentum_iterative(module, images, labels, budget, definition):
    """MI-FGSM (Dong et al. 2018), made to transfer: gradients, each divided by its mean size, are summed up, and steps
    follow the sign of the sum.
    """
    project, attacked, momentum = _projection(images, budget, "linf"), images, torch.zeros_like(images)
    for _ in range(definition["steps"]):
        gradient = loss_gradient(module, attacked, labels)
        momentum = definition["decay"] * momentum + gradient / gradient.abs().mean(1, keepdim=True).clamp(min=1e-30)
        attacked = project(attacked + budget / definition["steps"] * momentum.sign())
    return attacked


def deepfool(module, images, labels, budget, definition):
    """Moosavi-Dezfooli et al. (2016): steps to the nearest linearised boundary."""
    return _foolbox(foolbox.attacks.L2DeepFoolAttack(steps=definition["steps"]), module, images, labels)


def decoupled_direction_and_norm(module, images, labels, budget, definition):
    """DDN (Rony et al. 2019): steps along the gradient on a sphere that shrinks when the image is misclassified and
    grows when it is not.
    """
    return _foolbox(foolbox.attacks.DDNAttack(steps=definition["steps"]), module, images, labels)


def hop_skip_jump(module, images, labels, budget, definition):
    """Chen et al. (2020): walks along the boundary and sees labels only.

    It starts from another of the images, one that does not get the label; where all get it, the image is left as it is.
    """
    answers = module(images).argmax(1)
    others = answers[None, :] != labels[:, None]  # (B, B)
    can_start = others.any(1)
    attack = foolbox.attacks.HopSkipJumpAttack(
        steps=definition["steps"],
        initial_gradient_eval_steps=definition["evaluations"],
        constraint=definition["norm"],
        tensorboard=False,
    )
    found = images.clone()
    if can_start.any():
        starts = images[others[can_start].int().argmax(1)]
        found[can_start] = _foolbox(attack, module, images[can_start], labels[can_start], starting_points=starts)
    return found


def random_noise(module, images, labels, budget, definition):
    """The control: a random sign for each pixel (linf) or a random direction (l2), of the budget's size; neither model
    nor label are used.
    """
    if definition["norm"] == "linf":
        return (images + budget * torch.randn_like(images).sign()).clamp(0, 1)
    attacked = images + torch.randn_like(images)
    for _ in range(20):  # what the range [0, 1] cuts off is made up for
        change = attacked - images
        attacked = (images + change * (budget / change.norm(dim=1, keepdim=True))).clamp(0, 1)
    return attacked


def user_function(module, images, labels, budget, definition):
    """The function ``attack`` of a file of the user's own, ``definition["file"]``, with the same arguments as any
    method.
    """
    return load_function(definition, "attack")(module, images, labels, budget, definition)


METHODS = {
    "fgsm": fast_gradient_sign,
    "pgd": projected_gradient_descent,
    "mi_fgsm": momentum_iterative,
    "deepfool": deepfool,
    "ddn": decoupled_direction_and_norm,
    "apgd": auto_pgd,
    "square": square,
    "hop_skip_jump": hop_skip_jump,
    "noise": random_noise,
    "function": user_function,
}
MINIMAL = ("deepfool", "ddn", "hop_skip_jump")


def _foolbox(attack, module, images, labels, **how):
    """Run an attack of foolbox; `run` is the attack without foolbox's search for successes: each image is returned as
    the last step left it.
    """
    model = foolbox.PyTorchModel(module, bounds=(0, 1), device=images.device)
    return attack.run(model, images, foolbox.criteria.Misclassification(labels), **how)


def loss_gradient(module, images, labels):
    """Gradient (B, N) of each image's cross-entropy."""
    images = images.detach().requires_grad_()
    loss = nn.functional.cross_entropy(module(images), labels, reduction="sum")
    return torch.autograd.grad(loss, images)[0]


@torch.no_grad()
def margins(module, images, labels):
    """The largest other logit less that of the label, (B,): above 0 where the image is misclassified."""
    logits = module(images)
    own = logits.gather(1, labels[:, None])[:, 0]
    return logits.scatter(1, labels[:, None], -torch.inf).amax(1) - own


def rounded(adversarial, clean, budget, norm="linf"):
    """Nearest 8-bit grey levels within the budget of the clean image.

    Args: adversarial (B, N) in [0, 1], clean (B, N) uint8, budget as a share of full scale (linf) or in full scales
    (l2).

    Returns: uint8 (B, N) whose change is at most ``⌊255 · budget⌋`` levels in each pixel (linf) or 255 · budget in
    length (l2), so rounding never exceeds the budget: where an image of l2 would, its changes are rounded towards 0.
    """
    clean = clean.astype(np.int16)
    if norm == "linf":
        reach = levels(budget)
        change = np.clip(np.rint(adversarial * WHITE).astype(np.int16) - clean, -reach, reach)
    else:
        wanted = adversarial.astype(np.float64) * WHITE - clean
        wanted *= np.minimum(1, budget * WHITE / np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-12))
        change = np.rint(wanted)
        over = np.linalg.norm(change, axis=1) > budget * WHITE
        change[over] = np.trunc(wanted[over])
        change = change.astype(np.int16)
    return np.clip(clean + change, 0, WHITE).astype(np.uint8)


def levels(budget):
    """The largest whole number of grey levels within a budget; the small term undoes the binary rounding of budgets
    such as 0.6.
    """
    return int(np.floor(budget * WHITE + 1e-9))


def craft(module, grey, labels, definition, *, seed, device="cpu", batch=1000):
    """Attack every image at every budget of the definition.

    Args:
        module: grey levels in [0, 1], (B, N), to logits (`surrogates.frozen`); None for methods that need no model.
        grey: (M, N) uint8 clean images.
        labels: (M,) true labels, from which the attack leads away.
        definition: ``method``, ``norm``, ``budgets`` and the method's own keys; of ``restarts``, each image keeps the
            one with the largest margin.
        seed: fixes random starts.

    Returns:
        uint8 (K, M, N): for each of the K budgets, the attacked images, successful or not.
    """
    # Both, because foolbox draws from either.
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    found = np.empty((len(definition["budgets"]), *grey.shape), dtype=np.uint8)
    for start in progress(range(0, len(grey), batch), what="batches attacked"):
        part = slice(start, start + batch)
        targets = torch.as_tensor(np.asarray(labels[part], dtype=np.int64), device=device)
        best = None
        for _ in range(definition.get("restarts", 1)):
            attacked = _attack(module, grey[part], targets, definition, device)
            best = attacked if best is None else _better(module, best, attacked, targets, device)
        found[:, part] = best
    return found


def _attack(module, clean, labels, definition, device):
    """One run at all budgets, uint8 (K, B, N)."""
    images, method = _grey_levels(clean, device), METHODS[definition["method"]]
    if definition["method"] in MINIMAL:
        nearest = method(module, images, labels, None, definition)
        attacked = [_stretched(images, nearest, budget, definition["norm"]) for budget in definition["budgets"]]
    else:
        attacked = [method(module, images, labels, budget, definition) for budget in definition["budgets"]]
    pairs = zip(attacked, definition["budgets"], strict=True)
    return np.stack(
        [rounded(found.detach().cpu().numpy(), clean, budget, definition["norm"]) for found, budget in pairs]
    )


def _stretched(images, found, budget, norm):
    """The change that was found, as long as the budget; past the boundary rather than on it, where rounding would undo
    it.
    """
    change = found - images
    size = change.abs().amax(1, keepdim=True) if norm == "linf" else change.norm(dim=1, keepdim=True)
    return (images + change * (budget / size.clamp(min=1e-12))).clamp(0, 1)


def _better(module, first, second, labels, device):
    """Per budget and image, of two attacked images the one with the larger margin."""
    for row in range(len(first)):
        gain = margins(module, _grey_levels(second[row], device), labels) > margins(
            module, _grey_levels(first[row], device), labels
        )
        first[row][gain.cpu().numpy()] = second[row][gain.cpu().numpy()]
    return first


def _grey_levels(grey, device):
    return torch.as_tensor(grey.astype(np.float32) / WHITE, device=device)
