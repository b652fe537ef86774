"""Methods of attack on grey images, by the names that configurations call them.

A method is one function ``method(module, images, labels, budget, definition) -> attacked``: ``module`` takes grey
levels in [0, 1], (B, N), to logits; ``images`` and what is returned are such tensors, ``labels`` (B,) are what the
attack leads away from. The definition says as its ``shape`` the images' height and width. `MINIMAL` methods get no
budget: they seek the nearest misclassified image, and what they find is then stretched or shrunk to each budget.

Attacks work on logits, since gradients vanish where a tanh output saturates, and none stops early: all steps are taken
for every image, because images from an attack that stops at the first success barely transfer to another model.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import foolbox
import torch
from jaxtyping import Bool, Float, Int64

from weightspace.attacks.gradient_attacks import auto_pgd, momentum_iterative, projected_gradient_descent
from weightspace.attacks.losses import Attacked, margins
from weightspace.user_code import UserCodeError, load_function

Images = Float[torch.Tensor, "B N"]
Labels = Int64[torch.Tensor, "B"]
Definition = Mapping[str, Any]

# After so many of 10,000 queries the share of changed pixels is halved (the Square attack's schedule), scaled to the
# number of queries at hand.
_HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)


# --- from foolbox
# ---------------------------------------------------------------------------------------


def fast_gradient_sign(
    module: Attacked, images: Images, labels: Labels, budget: float, definition: Definition
) -> Images:
    """Goodfellow et al. (2015): one step of the full budget along the sign of the gradient."""
    return _foolbox(foolbox.attacks.LinfFastGradientAttack(random_start=False), module, images, labels, epsilon=budget)


def deepfool(module: Attacked, images: Images, labels: Labels, budget: None, definition: Definition) -> Images:
    """Moosavi-Dezfooli et al. (2016): steps to the nearest linearised boundary."""
    return _foolbox(foolbox.attacks.L2DeepFoolAttack(steps=definition["steps"]), module, images, labels)


def decoupled_direction_and_norm(
    module: Attacked, images: Images, labels: Labels, budget: None, definition: Definition
) -> Images:
    """DDN (Rony et al. 2019): steps along the gradient on a sphere that shrinks when the image is misclassified and
    grows when it is not.
    """
    return _foolbox(foolbox.attacks.DDNAttack(steps=definition["steps"]), module, images, labels)


def hop_skip_jump(module: Attacked, images: Images, labels: Labels, budget: None, definition: Definition) -> Images:
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


def _foolbox(attack: Any, module: Attacked, images: Images, labels: Labels, **how: Any) -> Images:
    """Run an attack of foolbox; `run` is the attack without foolbox's search for successes: each image is returned as
    the last step left it.
    """
    model = foolbox.PyTorchModel(module, bounds=(0, 1), device=images.device)
    return attack.run(model, images, foolbox.criteria.Misclassification(labels), **how)


# --- without gradients
# ---------------------------------------------------------------------------------------


@torch.no_grad()
def square(module: Attacked, images: Images, labels: Labels, budget: float, definition: Definition) -> Images:
    """Square attack (Andriushchenko et al. 2020) within linf: random search that sees the logits and no gradient, so no
    masking of gradients can stop it.

    Vertical stripes of ±budget, then squares of ±budget kept where the margin grows. All queries are used.
    """
    count, size = images.shape
    shape = height, width = definition["shape"]
    stripes = _signs((count, 1, width), images).expand(count, height, width).reshape(count, size)
    best = (images + budget * stripes).clamp(0, 1)
    margin = margins(module(best), labels)
    for query in range(definition["queries"]):
        share = share_of_pixels(query, definition["queries"], definition["share"])
        side = min(max(1, round(math.sqrt(share * size))), height, width)
        inside = _squares(count, shape, side, images.device)
        change = budget * _signs((count, 1), images)
        tried = torch.where(inside, (images + change).clamp(0, 1), best)
        found = margins(module(tried), labels)
        better = found > margin
        best[better], margin[better] = tried[better], found[better]
    return best


def share_of_pixels(query: int, queries: int, first: float) -> float:
    """Share of an image's pixels that a square covers at a query, beginning with ``first``."""
    scaled = query / queries * 10_000
    return first / 2 ** sum(scaled > halving for halving in _HALVINGS)


@torch.no_grad()
def towards_images(module: Attacked, images: Images, labels: Labels, budget: float, definition: Definition) -> Images:
    """Moves towards the nearest images of other classes: every pixel by what it lacks, at most the budget, and by parts
    of the budget where the whole does not mislead.

    It sees the logits and no gradient, so a recall of several steps, whose gradients vanish, hides nothing from it. The
    guides, ``definition["guides"]``, are images in [0, 1] and their labels: training images, which an attacker of a
    memory that stores some of them may have; without any the attacked images serve each other. An image keeps the first
    move that misleads, else that of the largest margin.
    """
    others, their_labels = definition.get("guides", (images, labels))
    distances = torch.cdist(images, others)
    distances[labels[:, None] == their_labels[None, :]] = torch.inf
    near = distances.topk(min(definition["nearest"], len(others)), largest=False)
    best, margin = images.clone(), torch.full((len(images),), -torch.inf, device=images.device)
    for part in range(definition["parts"], 0, -1):
        reach = budget * part / definition["parts"]
        for distance, place in zip(near.values.T, near.indices.T, strict=True):
            tried = (images + (others[place] - images).clamp(-reach, reach)).clamp(0, 1)
            found = margins(module(tried), labels).where(distance.isfinite(), -torch.inf)
            better = (margin <= 0) & (found > margin)
            best[better], margin[better] = tried[better], found[better]
    return best


def _squares(count: int, shape: tuple[int, int], side: int, device: torch.device) -> Bool[torch.Tensor, "B N"]:
    """For each image of ``shape`` a mask of one square of ``side`` pixels a side, placed at random."""
    within = []
    for length in shape:
        corner, places = (
            torch.randint(length - side + 1, (count, 1), device=device),
            torch.arange(length, device=device),
        )
        within.append((places >= corner) & (places < corner + side))
    rows, columns = within
    return (rows[:, :, None] & columns[:, None, :]).reshape(count, -1)


def _signs(shape: tuple[int, ...], like: torch.Tensor) -> Float[torch.Tensor, "..."]:
    return 2 * torch.randint(2, shape, device=like.device).to(like.dtype) - 1


def random_noise(
    module: Attacked | None, images: Images, labels: Labels, budget: float, definition: Definition
) -> Images:
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


# --- of the user's own
# ---------------------------------------------------------------------------------------


def user_function(
    module: Attacked, images: Images, labels: Labels, budget: float, definition: Definition
) -> torch.Tensor:
    """The function ``attack`` of a file of the user's own, ``definition["file"]``, with the same arguments as any
    method, of which it gets copies.

    Raises:
        UserCodeError: its file cannot be used, or what it gives are no images.
    """
    attacked = load_function(definition, "attack")(module, images.clone(), labels.clone(), budget, dict(definition))
    name, shape = f"{definition['file']}: attack", tuple(images.shape)
    if not isinstance(attacked, torch.Tensor) or not attacked.is_floating_point() or attacked.shape != images.shape:
        found = f"{attacked.dtype} {tuple(attacked.shape)}" if isinstance(attacked, torch.Tensor) else type(attacked)
        raise UserCodeError(f"{name} gives {found}; allowed: a floating-point tensor {shape}, as its images are")
    bad = int((~torch.isfinite(attacked)).any(dim=1).sum())
    if bad:
        raise UserCodeError(
            f"{name} gives numbers that are infinite or none (NaN) for {bad} of {len(images)} images at budget"
            f" {budget}; allowed: grey levels from 0 to 1, and the image as it is where nothing is found"
        )
    return attacked


METHODS: dict[str, Callable[..., torch.Tensor]] = {
    "fgsm": fast_gradient_sign,
    "pgd": projected_gradient_descent,
    "mi_fgsm": momentum_iterative,
    "deepfool": deepfool,
    "ddn": decoupled_direction_and_norm,
    "apgd": auto_pgd,
    "square": square,
    "towards_images": towards_images,
    "hop_skip_jump": hop_skip_jump,
    "noise": random_noise,
    "function": user_function,
}
MINIMAL = ("deepfool", "ddn", "hop_skip_jump")
