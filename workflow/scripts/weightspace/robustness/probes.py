"""Probes of the attacks themselves: more steps, restarts, vanishing gradients, budgets without limit, and models on
which the truth is known.
"""

import numpy as np
import torch
from torch import nn

from weightspace.attacks.adversarial_files import SIZES
from weightspace.attacks.grey_attacks import WHITE, craft, loss_gradient, margins
from weightspace.attacks.surrogates import frozen
from weightspace.data.raw_files import read_grey, read_labels
from weightspace.draws import seed_for
from weightspace.networks.architectures import scaled_grey
from weightspace.robustness.checks import at_least, bounded

# A gain below this share of images is none: one point, as evaluations are asked for.
POINT = 0.01
# The share of what gradients reach without a mask that attacks without gradients should reach behind it.
BROKEN = 0.9


def probe_attacks(networks, raw_folder, settings):
    """Rows of all probes: on a linear model, on every network, and on the first network without its gradients.

    Args:
        networks: `Network` by name.
        settings: ``definitions``, of attacks by name, noise included, which is not probed; ``probes``: ``images``, how
            many test images; ``attack``, the projected gradient descent that is probed on networks;
            ``against_masking``, the attacks that are tried on one without gradients.
    """
    definitions, probes = settings["definitions"], settings["probes"]
    grey = read_grey(raw_folder, "test")[: probes["images"]]
    labels = read_labels(raw_folder, "test")[: probes["images"]].astype(np.int64)
    seed = seed_for(0, "probes of attacks")
    known = {name: definition for name, definition in definitions.items() if definition["knowledge"] != "none"}
    rows = probe_linear(known, seed=seed)
    for place, (name, network) in enumerate(networks.items()):
        right = network.predict(scaled_grey(grey)) == labels
        images = frozen(network.module), grey[right], labels[right]
        rows += probe_network(name, *images, definitions[probes["attack"]], seed=seed)
        if place == 0:
            masking = {attack: definitions[attack] for attack in probes["against_masking"]}
            rows += probe_masked(*images, masking, seed=seed)
    return rows


def probe_network(name, module, grey, labels, definition, *, seed, device="cpu"):
    """Rows of checks on one attack of a network.

    Args:
        module: grey levels to logits, `surrogates.frozen`.
        grey: (M, N) uint8, ``labels`` (M,): images that the network gets right.
        definition: of a projected gradient descent; its middle budget is probed.
    """
    budget = sorted(definition["budgets"])[(len(definition["budgets"]) - 1) // 2]
    base = definition | {"budgets": [budget], "restarts": 1}
    images, targets = _tensors(grey, labels, device)

    def misled(**changes):
        attacked = craft(module, grey, labels, base | changes, seed=seed, device=device)[0]
        return (margins(module, _tensors(attacked, labels, device)[0], targets) > 0).cpu().numpy()

    plain = misled()
    subject, point = f"{name}, pgd at {budget:g}", {"tolerance": POINT}
    zero = (loss_gradient(module, images, targets) == 0).all(1).float().mean().item()
    unlimited = misled(
        budgets=[1.0 if definition["norm"] == "linf" else grey.shape[1] ** 0.5]
    ).mean()  # from all black to all white
    return [
        at_least(
            "twice the steps gain nothing",
            subject,
            plain,
            misled(steps=2 * base["steps"]),
            names=("the attack", "twice its steps"),
            **point,
        ),
        at_least(
            "restarts gain nothing", subject, plain, misled(restarts=3), names=("one run", "the best of three"), **point
        ),
        bounded(
            "gradients that are zero",
            name,
            zero,
            high=0.1,
            warn=(0.0, 0.01),
            n=len(grey),
            what="the share of images without gradient",
        ),
        bounded(
            "unlimited attacks always succeed", name, unlimited, low=1.0, n=len(grey), what="the error without a limit"
        ),
    ]


def probe_linear(definitions, *, seed):
    """Rows on a linear model, where an attack succeeds exactly beyond the margin ``|w·x| / ‖w‖`` (dual norm): no more,
    and no less.

    Args: definitions, of attacks within linf or l2, by name; minimal ones, which stretch what they find, included.
    """
    source = np.random.default_rng(seed)
    weights = source.normal(size=64)
    grey = source.integers(100, 156, (200, 64)).astype(
        np.uint8
    )  # far from black and white, so that the range cuts nothing
    module = linear_model(weights)
    images = torch.as_tensor(grey.astype(np.float32) / WHITE)
    labels = module(images).argmax(1).numpy()
    distance = np.abs((2 * images.numpy().astype(np.float64) - 1) @ weights) / 2
    rows = []
    for name, definition in definitions.items():
        norm = definition["norm"]
        margin = distance / (np.abs(weights).sum() if norm == "linf" else np.linalg.norm(weights))
        budgets = [float(np.quantile(margin, share)) for share in (0.3, 0.6)]
        attacked = craft(module, grey, labels, definition | {"budgets": budgets}, seed=seed)
        for budget, found in zip(budgets, attacked, strict=True):
            misled = margins(module, *_tensors(found, labels, "cpu")).numpy() > 0
            reach = SIZES[norm](found.astype(np.int16) - grey).max()
            # Rounding to grey levels moves an image by up to half of one in each pixel, in a direction that may help or
            # hinder.
            slack = 1.5 / WHITE if norm == "linf" else 0.5 * np.sqrt(grey.shape[1]) / WHITE
            impossible, missed = (misled & (margin > reach + 1e-6)).mean(), (~misled & (margin < budget - slack)).mean()
            what = {"n": len(grey), "high": 0.0}
            rows.append(
                bounded(
                    "linear model: nothing beyond the margin",
                    name,
                    impossible,
                    what="the share misled beyond the margin",
                    **what,
                )
            )
            if definition["knowledge"] == "gradients":
                rows.append(
                    bounded(
                        "linear model: all within the margin",
                        name,
                        missed,
                        what="the share spared within the margin",
                        **what,
                    )
                )
    return rows


def probe_masked(network, grey, labels, definitions, *, seed):
    """Rows on a network without gradients, since its logits are rounded: it must be found out, and broken by attacks
    that need none.

    Logits are rounded to a tenth of the network's median margin, and images that this alone misleads are left out. How
    far an attack gets within its largest budget depends on the images, so its success is measured by that of attacks by
    gradients on the network itself: to reach less than half of it fails, less than `BROKEN` of it warns that queries
    are too few to see through a mask.

    Args: network, grey levels to logits; definitions, of attacks by name, of one norm, at least one of them by
    gradients.
    """
    images, targets = _tensors(grey, labels, "cpu")
    masked = frozen(Masked(network, step=-margins(network, images, targets).median().item() / 10))
    kept = (masked(images).argmax(1) == targets).numpy()  # rounding makes ties, which are no success of an attack
    grey, labels, images, targets = grey[kept], labels[kept], images[kept], targets[kept]
    zero = (loss_gradient(masked, images, targets) == 0).all(1).float().mean().item()
    rows = [
        bounded(
            "masked model: found out",
            "rounded logits",
            zero,
            low=0.9,
            n=len(grey),
            what="the share of images without gradient",
        )
    ]
    plain, best = np.zeros(len(grey), dtype=bool), np.zeros(len(grey), dtype=bool)
    for definition in definitions.values():
        largest = definition | {"budgets": [max(definition["budgets"])]}
        best |= _misled(masked, grey, labels, largest, seed)
        if definition["knowledge"] == "gradients":
            plain |= _misled(network, grey, labels, largest, seed)
    what = (
        f"the error under {', '.join(definitions)}, where attacks by gradients reach {plain.mean():.3g} without the"
        " mask,"
    )
    bounds = {"low": plain.mean() / 2, "warn": (BROKEN * plain.mean(), 1.0)}
    rows.append(
        bounded("masked model: broken all the same", "rounded logits", best.mean(), n=len(grey), what=what, **bounds)
    )
    return rows


def _misled(network, grey, labels, definition, seed):
    """(M,) bool: the answer to the image under attack is another than its label."""
    attacked = craft(network, grey, labels, definition, seed=seed)[0]
    return network(_tensors(attacked, labels, "cpu")[0]).argmax(1).numpy() != labels


class Masked(nn.Module):
    """A network with its logits rounded to multiples of ``step``: the same answers but for near-ties, and a gradient of
    zero.
    """

    def __init__(self, network, step):
        super().__init__()
        self.network, self.step = network, step

    def forward(self, inputs):
        # The inputs come as the network's own, so that `frozen` can be laid around this module as around any.
        return torch.round(self.network((inputs + 1) / 2) / self.step) * self.step + 0 * inputs.sum(1, keepdim=True)


def linear_model(weights):
    """Classes with the logits w·x and -w·x of x = 2·grey - 1, and a third that never wins, which some losses need; grey
    levels to logits.
    """
    layer = nn.Linear(len(weights), 3)
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(np.stack([weights, -weights, 0 * weights]), dtype=torch.float32))
        layer.bias.copy_(torch.tensor([0.0, 0.0, -100.0]))
    return frozen(layer)


def _tensors(grey, labels, device):
    images = torch.as_tensor(grey.astype(np.float32) / WHITE, device=device)
    return images, torch.as_tensor(np.asarray(labels, dtype=np.int64), device=device)
