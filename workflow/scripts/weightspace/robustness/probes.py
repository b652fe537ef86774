"""Probes of the attacks themselves: more steps, restarts, vanishing gradients, budgets without limit, and models on
which the truth is known.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64, UInt8
from torch import nn

from weightspace.attacks.adversarial_files import SIZES
from weightspace.attacks.grey_attacks import craft
from weightspace.attacks.losses import Attacked, loss_gradient, margins
from weightspace.attacks.surrogates import GreyLevels, frozen
from weightspace.data import WHITE
from weightspace.data.raw_files import read_images, read_labels
from weightspace.draws import seed_for
from weightspace.networks.architectures import Network, scaled_grey
from weightspace.robustness.checks import Row, at_least, bounded

# A gain below this share of images is none: one point, as evaluations are asked for.
POINT = 0.01
# The share of what gradients reach without a mask that attacks without gradients should reach behind it.
BROKEN = 0.9

Definition = Mapping[str, Any]


def probe_attacks(networks: Mapping[str, Network], raw_folder: str | Path, settings: Mapping[str, Any]) -> list[Row]:
    """Rows of all probes: on a linear model, on every network, and on the first network without its gradients.

    Args:
        settings: ``definitions``, of attacks by name, noise included, which is not probed; ``probes``: ``images``, how
            many test images; ``attack``, the projected gradient descent that is probed on networks;
            ``against_masking``, the attacks that are tried on one without gradients.
    """
    probes, images = settings["probes"], read_images(raw_folder, "test")[: settings["probes"]["images"]]
    shape, grey = {"shape": images.shape[1:]}, images.reshape(len(images), -1)
    definitions = {name: definition | shape for name, definition in settings["definitions"].items()}
    labels = read_labels(raw_folder, "test")[: probes["images"]].astype(np.int64)
    seed = seed_for(0, "probes of attacks")
    known = {name: definition for name, definition in definitions.items() if definition["knowledge"] != "none"}
    rows = probe_linear(known, seed=seed)
    for place, (name, network) in enumerate(networks.items()):
        right = network.predict(scaled_grey(grey)) == labels
        module, answered, answers = frozen(network.module), grey[right], labels[right]
        rows += probe_network(name, module, answered, answers, definitions[probes["attack"]], seed=seed)
        if place == 0:
            masking = {attack: definitions[attack] for attack in probes["against_masking"]}
            rows += probe_masked(module, answered, answers, masking, seed=seed)
    return rows


def probe_network(
    name: str,
    module: Attacked,
    grey: UInt8[np.ndarray, "M N"],
    labels: Int64[np.ndarray, "M"],
    definition: Definition,
    *,
    seed: int,
    device: str = "cpu",
) -> list[Row]:
    """Rows of checks on one attack of a network.

    Args:
        module: what is attacked, `surrogates.frozen`.
        grey, labels: images that the network gets right.
        definition: of a projected gradient descent; its middle budget is probed.
    """
    budget = sorted(definition["budgets"])[(len(definition["budgets"]) - 1) // 2]
    base = {**definition, "budgets": [budget], "restarts": 1}
    images, targets = _tensors(grey, labels, device)

    def misled(**changes: Any) -> Bool[np.ndarray, "M"]:
        attacked = craft(module, grey, labels, base | changes, seed=seed, device=device)[0]
        with torch.no_grad():
            return (margins(module(_tensors(attacked, labels, device)[0]), targets) > 0).cpu().numpy()

    n, plain, subject = len(grey), misled(), f"{name}, pgd at {budget:g}"
    pairs = {
        "twice the steps gain nothing": (misled(steps=2 * base["steps"]), ("the attack", "twice its steps")),
        "restarts gain nothing": (misled(restarts=3), ("one run", "the best of three")),
    }
    rows = [
        at_least(check, subject, plain, stronger, names=names, tolerance=POINT)
        for check, (stronger, names) in pairs.items()
    ]
    zero, what = _without_gradient(module, images, targets), "the share of images without gradient"
    rows.append(bounded("gradients that are zero", name, zero, high=0.1, warn=(0.0, 0.01), n=n, what=what))
    from_black_to_white = 1.0 if definition["norm"] == "linf" else grey.shape[1] ** 0.5
    unlimited, what = misled(budgets=[from_black_to_white]).mean(), "the error without a limit"
    rows.append(bounded("unlimited attacks always succeed", name, unlimited, low=1.0, n=n, what=what))
    return rows


def _without_gradient(module: Attacked, images: Float[torch.Tensor, "M N"], labels: Int64[torch.Tensor, "M"]) -> float:
    """Share of the images at which the gradient of the loss is zero."""
    return (loss_gradient(module, images, labels) == 0).all(1).float().mean().item()


def probe_linear(definitions: Mapping[str, Definition], *, seed: int) -> list[Row]:
    """Rows on a linear model, where an attack succeeds exactly beyond the margin ``|w·x| / ‖w‖`` (dual norm): no more,
    and no less.

    Args: definitions, of attacks within linf or l2, by name; minimal ones, which stretch what they find, included.
    """
    source = np.random.default_rng(seed)
    shape = (8, 8)
    weights = source.normal(size=math.prod(shape))
    grey = source.integers(100, 156, (200, len(weights))).astype(
        np.uint8
    )  # far from black and white: the range cuts nothing
    module = linear_model(weights)
    images = torch.as_tensor(grey.astype(np.float32) / WHITE)
    labels = module(images).argmax(1).numpy()
    distance = np.abs((2 * images.numpy().astype(np.float64) - 1) @ weights) / 2
    rows = []
    for name, definition in definitions.items():
        norm = definition["norm"]
        margin = distance / (np.abs(weights).sum() if norm == "linf" else np.linalg.norm(weights))
        budgets = [float(np.quantile(margin, share)) for share in (0.3, 0.6)]
        attacked = craft(module, grey, labels, {**definition, "budgets": budgets, "shape": shape}, seed=seed)
        for budget, found in zip(budgets, attacked, strict=True):
            images, targets = _tensors(found, labels, "cpu")
            misled = margins(module(images), targets).numpy() > 0
            reach = SIZES[norm](found.astype(np.int16) - grey).max()
            # Rounding to grey levels moves an image by up to half of one in each pixel, in a direction that may help or
            # hinder.
            slack = 1.5 / WHITE if norm == "linf" else 0.5 * np.sqrt(grey.shape[1]) / WHITE
            impossible, missed = (misled & (margin > reach + 1e-6)).mean(), (~misled & (margin < budget - slack)).mean()
            check, what = "linear model: nothing beyond the margin", "the share misled beyond the margin"
            rows.append(bounded(check, name, impossible, high=0.0, n=len(grey), what=what))
            if definition["knowledge"] == "gradients":
                check, what = "linear model: all within the margin", "the share spared within the margin"
                rows.append(bounded(check, name, missed, high=0.0, n=len(grey), what=what))
    return rows


def probe_masked(
    network: Attacked,
    grey: UInt8[np.ndarray, "M N"],
    labels: Int64[np.ndarray, "M"],
    definitions: Mapping[str, Definition],
    *,
    seed: int,
) -> list[Row]:
    """Rows on a network without gradients, since its logits are rounded: it must be found out, and broken by attacks
    that need none.

    Logits are rounded to a tenth of the network's median margin, and images that this alone misleads are left out. How
    far an attack gets within its largest budget depends on the images, so its success is measured by that of attacks by
    gradients on the network itself: to reach less than half of it fails, less than `BROKEN` of it warns that queries
    are too few to see through a mask.

    Args: definitions, of attacks by name, of one norm, at least one of them by gradients.
    """
    images, targets = _tensors(grey, labels, "cpu")
    with torch.no_grad():
        step = -margins(network(images), targets).median().item() / 10
    masked, subject = Masked(network, step).eval(), "rounded logits"
    kept = (masked(images).argmax(1) == targets).numpy()  # rounding makes ties, which are no success of an attack
    grey, labels, n = grey[kept], labels[kept], int(kept.sum())
    zero, what = _without_gradient(masked, images[kept], targets[kept]), "the share of images without gradient"
    rows = [bounded("masked model: found out", subject, zero, low=0.9, n=n, what=what)]
    plain, best = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for definition in definitions.values():
        largest = {**definition, "budgets": [max(definition["budgets"])]}
        best |= _misled(masked, grey, labels, largest, seed)
        if definition["knowledge"] == "gradients":
            plain |= _misled(network, grey, labels, largest, seed)
    reached = plain.mean()
    what = f"the error under {', '.join(definitions)}, where attacks by gradients reach {reached:.3g} without the mask,"
    check, careful = "masked model: broken all the same", (BROKEN * reached, 1.0)
    rows.append(bounded(check, subject, best.mean(), low=reached / 2, warn=careful, n=n, what=what))
    return rows


def _misled(
    network: Attacked, grey: UInt8[np.ndarray, "M N"], labels: Int64[np.ndarray, "M"], definition: Definition, seed: int
) -> Bool[np.ndarray, "M"]:
    """Whether the answer to the image under attack is another than its label."""
    attacked = craft(network, grey, labels, definition, seed=seed)[0]
    return network(_tensors(attacked, labels, "cpu")[0]).argmax(1).numpy() != labels


class Masked(nn.Module):
    """A network with its logits, of grey levels, rounded to multiples of ``step``: the same answers but for near-ties,
    and a gradient of zero.
    """

    def __init__(self, network: Attacked, step: float) -> None:
        super().__init__()
        self.network, self.step = network, step

    def forward(self, grey: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        return torch.round(self.network(grey) / self.step) * self.step + 0 * grey.sum(1, keepdim=True)


def linear_model(weights: Float64[np.ndarray, "N"]) -> GreyLevels:
    """Classes with the logits w·x and -w·x of x = 2·grey - 1, and a third that never wins, which some losses need."""
    layer = nn.Linear(len(weights), 3)
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(np.stack([weights, -weights, 0 * weights]), dtype=torch.float32))
        layer.bias.copy_(torch.tensor([0.0, 0.0, -100.0]))
    return frozen(layer)


def _tensors(
    grey: UInt8[np.ndarray, "B N"], labels: Int64[np.ndarray, "B"], device: str
) -> tuple[Float[torch.Tensor, "B N"], Int64[torch.Tensor, "B"]]:
    images = torch.as_tensor(grey.astype(np.float32) / WHITE, device=device)
    return images, torch.as_tensor(labels, device=device)
