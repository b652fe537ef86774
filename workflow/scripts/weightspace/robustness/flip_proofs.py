"""Proofs of the binary attacks on models whose smallest numbers of flips are known, and on one that hides its
gradients.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, Int8, Int64
from torch import nn

from weightspace.attacks import flips
from weightspace.attacks.binary_attacks import Means, attack
from weightspace.attacks.flips import NOT_FOUND
from weightspace.attacks.surrogates import margin_gradient
from weightspace.data.patterns import Patterns
from weightspace.networks.architectures import Network
from weightspace.robustness.checks import FAILED, PASSED, at_least, bounded, row

_STEPPED = 500  # images on which the number of steps is doubled
_POINT = 0.01


class TwoClasses(nn.Module):
    """A linear model of two classes: the sign of ``w·x + b`` where w is the difference of the classes' mean
    patterns.
    """

    def __init__(self, patterns: Int8[np.ndarray, "B N"], labels: Int[np.ndarray, " B"]) -> None:
        super().__init__()
        means = [patterns[labels == label].mean(axis=0, dtype=np.float64) for label in (0, 1)]
        self.weights = torch.as_tensor(means[1] - means[0])
        self.offset = -0.5 * (means[0] + means[1]) @ (means[1] - means[0])

    def forward(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B 2"]:
        field = inputs.double() @ self.weights + self.offset
        return torch.stack([-field, field], dim=1)


def fewest_flips(module: TwoClasses, patterns: Int8[np.ndarray, "B N"]) -> Int64[np.ndarray, " B"]:
    """The smallest number of flips that changes the answer of a `TwoClasses`: the largest contributions to its
    field go first.
    """
    fields = module(torch.as_tensor(patterns, dtype=torch.float64))[:, 1].numpy()
    pulls = np.sort(np.maximum(patterns * module.weights.numpy() * np.sign(fields)[:, None], 0), axis=1)[:, ::-1]
    return (2 * pulls.cumsum(axis=1) < np.abs(fields)[:, None]).sum(axis=1) + 1


class Masked(nn.Module):
    """A network whose logits are rounded to halves: nearly the same answers, and gradients that are 0 everywhere."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, inputs: Float[torch.Tensor, "B N"]) -> Float[torch.Tensor, "B C"]:
        return (2 * self.module(inputs)).round() / 2 + 0 * inputs.sum(1, keepdim=True)


def prove(
    network: Network,
    attacks: Mapping[str, Mapping[str, Any]],
    data: Patterns,
    index: Int[np.ndarray, " M"],
    *,
    budgets: Sequence[int],
    pool: Int8[np.ndarray, "Q N"],
    generator: np.random.Generator,
) -> list[dict[str, Any]]:
    """Check the attacks by name on a linear model of known margin and on a masked copy of a network.

    Args:
        attacks: definitions by name.
        index: positions of the test images.
        pool: images to search from.

    Returns:
        Rows of `checks.row`.
    """
    rows = _on_linear_model(attacks, data, index, budgets, pool, generator)
    images, labels = data.test(index), data.test_labels[index]
    rows += _on_masked_model(network, attacks, images, labels, budgets, pool, generator)
    greedy = [definition for definition in attacks.values() if definition["method"] == "gradient_flips"]
    rows += [_smaller_steps(network, data, definition["growth"], budgets, generator) for definition in greedy]
    return [*rows, _iterative_beats_one_step(network, images, labels, budgets, generator)]


def _on_linear_model(attacks, data, index, budgets, pool, generator):
    two = np.flatnonzero(data.train_labels < 2)[:2000]
    module = TwoClasses(data.train(two), data.train_labels[two])
    model, images = Network(module), data.test(index)
    labels, needed, rows = model.predict(images), fewest_flips(module, images), []
    for name, definition in attacks.items():
        exact = definition | ({"growth": 0} if "growth" in definition else {})
        found = attack(Means(model, [*budgets[:-1], data.size], pool, generator), exact, images, labels).flips
        equal, bar = float((found == needed).mean()), 1.0 if definition["method"] == "gradient_flips" else 0.0
        below = int((found < needed)[found != NOT_FOUND].sum())
        missed = definition["method"] == "single_flips" and ((needed == 1) != (found == 1)).any()
        wrong = below > 0 or equal < bar or missed
        sentence = (
            f"{name}: on a linear model, whose fewest flips are known, {equal:.3f} exactly, {below} below, expected"
            f" {bar:g} and 0"
        )
        verdict, subject = FAILED if wrong else PASSED, f"{name} on a linear model"
        rows.append(
            row(
                "flips of a model of known margin",
                subject,
                equal,
                f"at least {bar:g}",
                n=len(images),
                verdict=verdict,
                sentence=sentence,
            )
        )
    return rows


def _on_masked_model(network, attacks, images, labels, budgets, pool, generator):
    masked = Network(Masked(network.module))
    zero = float((margin_gradient(masked.module)(images, labels) == 0).all(axis=1).mean())
    misled = {
        name: [
            _within(attack(Means(model, budgets, pool, generator), definition, images, labels).flips, budgets[-1])
            for model in (masked, network)
        ]
        for name, definition in attacks.items()
    }
    blind = [name for name, definition in attacks.items() if definition["knowledge"] == "gradients"]
    success = float(np.any([hidden for hidden, _ in misled.values()], axis=0).mean())
    # As much as the attacks without gradients reach where nothing is hidden.
    expected = 0.9 * float(np.any([shown for name, (_, shown) in misled.items() if name not in blind], axis=0).mean())
    verdict = PASSED if success >= expected and zero == 1 else FAILED
    check, subject, required = (
        "hidden gradients are found out in bits",
        "a network whose gradients are hidden",
        f"at least {expected:.3f}",
    )
    sentence = f"{subject}, {zero:.2f} of them 0, is misled in {success:.3f} of the images, expected {required}"
    rows = [row(check, subject, success, required, n=len(images), verdict=verdict, sentence=sentence)]
    for name in blind:
        note = (
            f"{name} alone misleads {subject} in {misled[name][0].mean():.3f} of the images, all attacks in"
            f" {success:.3f}"
        )
        rows.append(
            row(
                "an attack by gradients alone is blind",
                subject,
                misled[name][0].mean(),
                "",
                n=len(images),
                verdict=PASSED,
                sentence=note,
            )
        )
    return rows


def _within(found, budget):
    return (found >= 0) & (found <= budget)


def _smaller_steps(network, data, growth, budgets, generator):
    """Twice as many steps must not mislead a network in many more images; of the first test images, at the budget where
    it matters most.
    """
    images, labels = data.test(slice(_STEPPED)), data.test_labels[:_STEPPED]
    settings = {"budgets": budgets, "lookahead": 0, "generator": generator}
    found = [
        flips.greedy_flips(
            network.predict, margin_gradient(network.module), images, labels, growth=share, **settings
        ).flips
        for share in (growth, growth / 2)
    ]
    gain = max(float(_within(found[1], budget).mean() - _within(found[0], budget).mean()) for budget in budgets)
    what = f"the gain by steps half as large as growth {growth:g}"
    return bounded(
        "twice the steps flip little more",
        "a network",
        gain,
        high=5 * _POINT,
        warn=(-1, _POINT),
        n=len(images),
        what=what,
    )


def _iterative_beats_one_step(network, images, labels, budgets, generator):
    """Gradients taken anew after each flip against all flips by the first gradient, at the budget at which either is in
    doubt.
    """
    gradient = margin_gradient(network.module)
    middle = budgets[len(budgets) // 2]
    settings = {"budgets": [middle], "lookahead": 0, "generator": generator}
    iterative = flips.greedy_flips(network.predict, gradient, images, labels, growth=0, **settings).fixed
    assert iterative is not None
    order = np.argsort(-images * gradient(images, labels), axis=1, kind="stable")[:, :middle]
    once = np.zeros(images.shape, dtype=bool)
    np.put_along_axis(once, order, True, axis=1)
    wrong = [network.predict(flips.flip(images, mask)) != labels for mask in (iterative[0], once)]
    names = ("a gradient for each flip", "one for all")
    return at_least("flips one by one at least as strong as at once", f"a network, {middle} flips", *wrong, names=names)
