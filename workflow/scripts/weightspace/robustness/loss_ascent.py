"""Weights driven up the training loss, and what they answer: are maxima of the objective related to being adversarial
(claim C16)?

From trained weights, steps of one length along the gradient of the training loss, until a share of the training images
is misclassified. The labels that such weights give are then compared with the wrong labels that the trained network
gives to adversarial images.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Int64, Shaped
from torch import nn

from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.draws import generator, seed_for
from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.files import seed_of
from weightspace.networks.architectures import Network, scaled_grey
from weightspace.networks.torch_classifier import TorchClassifier
from weightspace.networks.training import LOSSES

QUANTITIES = ("error", "adversarial_minus_noise", "clean_minus_random_weights", "wrong_minus_same_class")


Images = dict[str, Shaped[np.ndarray, "M ..."]]  # the same test images clean, adversarial and with noise; their label


def tabulate(
    training: tuple[Float[torch.Tensor, "n N"], Int64[torch.Tensor, "n"]],
    files: Mapping[str, Iterable[str | Path]],
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """The table `loss_maxima`, of one network.

    Args:
        training: images and labels that it has learnt from.
        files: paths, ``seed{seed}.*``, of its ``models``, and of ``adversarial`` images and ``noise``.
        settings: ``network``, its name; ``budget``; ``loss``; ``images``, on how many of the training images the loss
            is taken; ``step`` and ``until``, each of which is climbed to, see `climb`.
    """
    by_seed = {kind: {seed_of(path): path for path in paths} for kind, paths in files.items()}
    rows = []
    for seed, model in by_seed["models"].items():
        network, shown = Network.load(model), _shown_images(by_seed, seed, settings["budget"])
        chosen = generator(seed, "climbed images").permutation(len(training[1]))[: settings["images"]]
        images, labels = training[0][chosen], training[1][chosen]
        for until in settings["until"]:
            climbed, distance = climb(
                network.module, images, labels, settings["loss"], step=settings["step"], until=until
            )
            moved = moved_at_random(network.module, distance, seed=seed_for(seed, "random direction", until))
            others = generator(seed, "other images of a class", until)
            found = agreement(network, climbed, moved, shown, generator=others)
            head = {"network": settings["network"], "training_error": until, "seed": seed}
            rows.append({**head, "distance": distance, **found})
    return summarise(pd.DataFrame(rows), ["network", "training_error"])


def _shown_images(files: Mapping[str, Mapping[int, str | Path]], seed: int, budget: float) -> Images:
    """Test images, which come first in a file, clean, attacked within the budget, and with noise, which no other images
    have; and their labels.
    """
    adversarial, noise = (AdversarialImages.read(files[kind][seed]) for kind in ("adversarial", "noise"))
    count = len(noise.label)
    return {
        "clean": noise.clean,
        "noise": noise.at(budget),
        "adversarial": adversarial.at(budget)[:count],
        "label": noise.label,
    }


def climb(
    module: nn.Module,
    images: Float[torch.Tensor, "n N"],
    labels: Int64[torch.Tensor, "n"],
    loss: str,
    *,
    step: float,
    until: float,
    most: int = 1000,
) -> tuple[nn.Module, float]:
    """A copy of ``module`` with its weights moved up the loss over all images at once.

    Args:
        loss: a name of `training.LOSSES`.
        step: length of a step as a share of the trained weights' length; until: share of the images misclassified at
            which it ends, after ``most`` steps at the latest.

    Returns:
        The copy, and the distance climbed as a share of the trained weights' length.
    """
    climbed = copy.deepcopy(module).requires_grad_()
    weights = list(climbed.parameters())
    start = [weight.detach().clone() for weight in weights]
    length = _length(start)
    for _ in range(most):
        logits = climbed(images)
        if (logits.argmax(1) != labels).float().mean() >= until:
            break
        gradients = torch.autograd.grad(LOSSES[loss](logits, labels), weights)
        size = _length(gradients)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.add_(step * length / size * gradient)
    return climbed, float(_length([weight.detach() - old for weight, old in zip(weights, start, strict=True)]) / length)


def moved_at_random(module: nn.Module, distance: float, *, seed: int) -> nn.Module:
    """A copy with the weights moved ``distance`` of their length in a random direction."""
    moved, source = copy.deepcopy(module), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        directions = [torch.randn(weight.shape, generator=source) for weight in moved.parameters()]
        scale = distance * _length(list(moved.parameters())) / _length(directions)
        for weight, direction in zip(moved.parameters(), directions, strict=True):
            weight.add_(scale * direction)
    return moved


def _length(tensors: Iterable[torch.Tensor]) -> torch.Tensor:
    return torch.sqrt(sum((tensor.detach().square().sum() for tensor in tensors), torch.zeros(())))


def agreement(
    network: TorchClassifier, climbed: nn.Module, moved: nn.Module, images: Images, *, generator: np.random.Generator
) -> dict[str, Any]:
    """How far the climbed weights answer as the trained network does to adversarial images, one number for each of
    `QUANTITIES`.

    ``error``: the climbed weights', on clean images. The rest is over images that the trained network gets right when
    clean and answers with a wrong label a when attacked: ``adversarial_minus_noise``, how much more often the climbed
    weights answer a to the attacked image than to one with noise; ``clean_minus_random_weights``, how much more often
    they answer a to the clean image than weights moved as far at random; ``wrong_minus_same_class``, of clean images
    that they get wrong, how much more often the answer is the image's own a than the a of another image of the same
    class, drawn at random.

    ``images``: ``clean``, ``adversarial``, ``noise`` and ``label``.
    """
    trained, after, control = (Network(module) for module in (network.module, climbed, moved))
    label = images["label"]
    target = trained.predict(scaled_grey(images["adversarial"]))
    chosen = (trained.predict(scaled_grey(images["clean"])) == label) & (target != label)
    clean, attacked, noisy = (after.predict(scaled_grey(images[name])) for name in ("clean", "adversarial", "noise"))
    same = _shuffled_within(label, target, chosen, generator)
    wrong = chosen & (clean != label)
    at_random = control.predict(scaled_grey(images["clean"]))
    return {
        "n": int(chosen.sum()),
        "error": (clean != label).mean(),
        "adversarial_minus_noise": _gain(attacked == target, noisy == target, chosen),
        "clean_minus_random_weights": _gain(clean == target, at_random == target, chosen),
        "wrong_minus_same_class": _gain(clean == target, clean == same, wrong),
    }


def _gain(first: Bool[np.ndarray, "M"], second: Bool[np.ndarray, "M"], chosen: Bool[np.ndarray, "M"]) -> float:
    return float(first[chosen].mean() - second[chosen].mean()) if chosen.any() else 0.0


def _shuffled_within(
    label: Int64[np.ndarray, "M"],
    target: Int64[np.ndarray, "M"],
    chosen: Bool[np.ndarray, "M"],
    generator: np.random.Generator,
) -> Int64[np.ndarray, "M"]:
    """The targets of the chosen images in another order within each class."""
    shuffled = target.copy()
    for value in np.unique(label):
        members = np.flatnonzero(chosen & (label == value))
        shuffled[members] = target[generator.permutation(members)]
    return shuffled


def summarise(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The table `loss_maxima` from rows with the keys, seed, n and `QUANTITIES`."""

    def quantities(seeds: pd.DataFrame) -> Iterator[dict[str, Any]]:
        for quantity in (*QUANTITIES, "distance"):
            bounds = (-1.0, 1.0) if quantity != "distance" else (0.0, np.inf)
            estimate = mean_over_seeds(seeds[quantity], n=int(seeds["n"].sum()), bounds=bounds)
            yield {"quantity": quantity, **vars(estimate)}

    return estimates_by(keys, rows, quantities, sort=True)
