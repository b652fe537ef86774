"""Published numbers of MNIST: classifiers, and attacks on them."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Int64, UInt8

from weightspace.attacks.grey_attacks import craft
from weightspace.attacks.grey_methods import METHODS
from weightspace.attacks.surrogates import attackable
from weightspace.data.patterns import binarise, signs
from weightspace.draws import attacked_images, initial_weights, order_of_images
from weightspace.estimates import Estimate, mean_over_seeds, share_over_seeds
from weightspace.memories.label_bits import read_label_bits, with_blank_bits, with_label_bits
from weightspace.memories.nearest_neighbour import nearest_grey
from weightspace.memories.quadratic_rules import perceptron
from weightspace.memories.recall import recall
from weightspace.networks.architectures import Network, build, scaled_grey
from weightspace.networks.least_squares import largest_output, least_squares
from weightspace.networks.training import train
from weightspace.published.quantities import Quantities, share

_WHITE = 255
_FAST_GRADIENT = {"method": "fgsm", "norm": "linf", "budgets": [0.25]}  # of Goodfellow et al.
_THREE, _SEVEN = 3, 7
_LINEAR: dict[str, Any] = {
    "architecture": "mlp",
    "hidden": [],
    "activation": "tanh",
    "loss": "cross_entropy",
    "optimiser": "sgd",
    "learning_rate": 0.02,
    "batch_size": 100,
}
_DEEP = _LINEAR | {"hidden": [100, 100], "optimiser": "adam", "learning_rate": 0.001}


class Digits(NamedTuple):
    """Grey images (n, N) uint8 with labels (n,) int64, for training and for testing."""

    train: UInt8[np.ndarray, "P N"]
    train_labels: Int64[np.ndarray, " P"]
    test: UInt8[np.ndarray, "B N"]
    test_labels: Int64[np.ndarray, " B"]

    def of(self, classes: Sequence[int]) -> "Digits":
        """Images of these classes only, which are then 0, 1 and so on."""
        kept = []
        for images, labels in ((self.train, self.train_labels), (self.test, self.test_labels)):
            inside = np.isin(labels, classes)
            kept += [images[inside], np.searchsorted(classes, labels[inside])]
        return Digits(*kept)


def trained(digits: Digits, definition: Mapping[str, Any], *, seed: int) -> Network:
    """A network of a definition, trained on all grey training images."""
    classes = int(digits.train_labels.max()) + 1
    side = math.isqrt(digits.train.shape[1])  # MNIST is square
    module = build(definition, shape=(side, side), classes=classes, seed=initial_weights(seed))
    given = torch.as_tensor(scaled_grey(digits.train)), torch.as_tensor(digits.train_labels)
    few = given[0][:1], given[1][:1]  # the history is not kept, so nothing need be measured on test images
    train(module, given, few, definition, seed=order_of_images(seed))
    return Network(module, {"definition": dict(definition), "shape": [side, side], "classes": classes})


def _errors(network, grey, labels):
    return int((network.predict(scaled_grey(grey)) != labels).sum())


def simple_classifiers(digits: Digits, settings: Mapping[str, Any]) -> Quantities:
    """Test errors of the nearest neighbour, on so many ``images``, and of least squares, on all."""
    chosen = attacked_images(len(digits.test), 0)[: settings["images"]]
    answers = nearest_grey(digits.train, digits.train_labels, digits.test[chosen])
    wrong = int((answers != digits.test_labels[chosen]).sum())
    weights = least_squares(digits.train / _WHITE, digits.train_labels)
    missed = int((largest_output(weights, digits.test / _WHITE) != digits.test_labels).sum())
    return {"nearest_neighbour": share(wrong, len(chosen)), "least_squares": share(missed, len(digits.test))}


def label_bits(digits: Digits, settings: Mapping[str, Any]) -> Quantities:
    """Test error of a quadratic memory of all binarised training images with label bits, after one pass of perceptron
    learning; its margin is the one of ``margins`` that errs least on the last ``images`` training images when it has
    learnt the others.
    """
    classes, held = int(digits.train_labels.max()) + 1, settings["images"]
    train_set, test_set = (signs(binarise(grey, threshold=0.5)) for grey in (digits.train, digits.test))
    stored = with_label_bits(train_set, digits.train_labels, classes)

    def wrong(patterns, margin, asked, labels):
        memory = perceptron(patterns, margin=margin, passes=1)
        ends = recall(memory, with_blank_bits(asked, classes), sweeps=100).states
        return int((read_label_bits(ends, classes) != labels).sum())

    tried = [
        wrong(stored[:-held], margin, train_set[-held:], digits.train_labels[-held:]) for margin in settings["margins"]
    ]
    margin = settings["margins"][int(np.argmin(tried))]
    missed = wrong(stored, margin, test_set, digits.test_labels)
    return {"error": share(missed, len(test_set)), "margin": margin}


def fast_gradient_sign(digits: Digits, settings: Mapping[str, Any]) -> Quantities:
    """Errors of linear classifiers, clean and under the fast gradient sign method at 0.25, over ``draws`` of their
    initial weights: softmax of all digits, and logistic of 3 against 7.
    """
    found: dict[str, Estimate] = {}
    for name, few in (("softmax", digits), ("logistic", digits.of([_THREE, _SEVEN]))):
        hits: dict[str, list[int]] = {"clean": [], "attacked": []}
        for seed in range(settings["draws"]):
            network = trained(few, _LINEAR | {"epochs": settings["epochs"]}, seed=seed)
            (attacked,) = craft(attackable(network), few.test, few.test_labels, _FAST_GRADIENT, seed=seed)
            hits["clean"].append(_errors(network, few.test, few.test_labels))
            hits["attacked"].append(_errors(network, attacked, few.test_labels))
        n = [len(few.test)] * settings["draws"]
        found |= {f"{name}_{kind}": share_over_seeds(wrong, n) for kind, wrong in hits.items()}
    return found


def hidden_units(digits: Digits, settings: Mapping[str, Any]) -> Quantities:
    """Test error of 300 hidden units trained with the mean square error, over ``draws``."""
    definition = _LINEAR | {"hidden": [300], "loss": "mse", "learning_rate": 0.1, "epochs": settings["epochs"]}
    wrong = [
        _errors(trained(digits, definition, seed=seed), digits.test, digits.test_labels)
        for seed in range(settings["draws"])
    ]
    return {"hidden_300": share_over_seeds(wrong, [len(digits.test)] * len(wrong))}


def minimal_distortions(digits: Digits, settings: Mapping[str, Any]) -> Quantities:
    """The smallest distortions √(Σ (x' - x)²/N) that mislead a linear classifier and one with two hidden layers of 100
    units, on so many ``images`` that both answer rightly, and how many of them mislead the other, over ``draws``.
    """
    definitions = {"linear": _LINEAR, "deep": _DEEP}
    lengths: dict[str, list[float]] = {name: [] for name in definitions}
    crossed: dict[str, list[int]] = {name: [] for name in definitions}
    errors: dict[str, list[int]] = {name: [] for name in definitions}
    sizes = []
    for seed in range(settings["draws"]):
        networks = {
            name: trained(digits, definition | {"epochs": settings["epochs"]}, seed=seed)
            for name, definition in definitions.items()
        }
        right = np.ones(len(digits.test), dtype=bool)
        for name, network in networks.items():
            answers = network.predict(scaled_grey(digits.test))
            errors[name].append(int((answers != digits.test_labels).sum()))
            right &= answers == digits.test_labels
        order = attacked_images(len(digits.test), seed)
        chosen = order[right[order]][: settings["images"]]
        clean, labels = digits.test[chosen] / np.float32(_WHITE), digits.test_labels[chosen]
        sizes.append(len(chosen))
        for name, other in (("linear", "deep"), ("deep", "linear")):
            moved = _nearest_misled(networks[name], clean, labels, steps=settings["steps"])
            lengths[name].append(float(np.sqrt(((moved - clean) ** 2).mean(axis=1)).mean()))
            crossed[name].append(int((networks[other].predict(2 * moved - 1) != labels).sum()))
    n = [len(digits.test)] * settings["draws"]
    found: dict[str, Estimate] = {}
    for name in definitions:
        found |= {
            f"{name}_error": share_over_seeds(errors[name], n),
            f"{name}_distortion": mean_over_seeds(lengths[name], n=sum(sizes), bounds=(0.0, 1.0)),
            f"{name}_misleads_other": share_over_seeds(crossed[name], sizes),
        }
    return found


def _nearest_misled(network, clean, labels, *, steps):
    """The nearest images in [0, 1] that the attack finds to be misclassified."""
    attack = partial(METHODS["ddn"], definition={"steps": steps})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = attack(attackable(network), torch.as_tensor(clean), torch.as_tensor(labels), None)
    return found.detach().numpy()
