"""The attacks of the binary domain by method, and the attack of one model by several of them: one function and one
entry in `METHODS` each.

A definition says the threat model, ``domain`` binary, ``norm`` l0 and ``knowledge``, what the attacker knows of the
model: nothing, its labels, its scores or its gradients; and how many of the first ``images`` of each seed are attacked.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int, Int8

from weightspace.attacks import flips
from weightspace.attacks.flips import Flipped
from weightspace.attacks.label_search import label_search
from weightspace.classifier import Classifier

Definition = Mapping[str, Any]
Images = Int8[np.ndarray, "B N"]
Labels = Int[np.ndarray, " B"]


@dataclass(frozen=True)
class Means:
    """What an attack may use: the model, all ``budgets``, a ``pool`` of images that anyone has, and a generator."""

    model: Classifier
    budgets: Sequence[int]
    pool: Int8[np.ndarray, "Q N"]
    generator: np.random.Generator


def single_flips(means: Means, definition: Definition, images: Images, labels: Labels) -> Flipped:
    """Exhaustive: all single flips of every image."""
    return flips.single_flips(means.model.predict, means.model.neighbours, images, labels)


def gradient_flips(means: Means, definition: Definition, images: Images, labels: Labels) -> Flipped:
    """Greedy by gradients: of the model where it has any, else of a stand-in, one attack for each setting of the sweep;
    the best per image counts.

    Raises:
        TypeError: the model has neither.
        ModuleNotFoundError: PyTorch is not installed.
    """
    try:  # here, because the other methods need no PyTorch
        from weightspace.attacks.surrogates import margin_gradient, to_tensors
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"gradient_flips needs gradients, and {error.name} is not installed: pip install 'weightspace[torch]', or"
            " attack by scores or labels",
            name=error.name,
        ) from error
    model, own = means.model, means.model.differentiable(to_tensors())
    formulas = model.stand_ins(to_tensors(), definition["surrogates"]) if own is None else [own]
    if not formulas:
        raise TypeError(f"a {type(model).__name__} has no gradients and no stand-in; attack it by scores or labels")
    settings = {"budgets": means.budgets, "growth": definition["growth"], "generator": means.generator}
    # A model's own gradients say which flip misleads it; those of a stand-in only where to look.
    settings["lookahead"] = definition["lookahead"] if own is None else 0
    return flips.smallest(
        [flips.greedy_flips(model.predict, margin_gradient(one), images, labels, **settings) for one in formulas]
    )


def score_search(means: Means, definition: Definition, images: Images, labels: Labels) -> Flipped:
    """Random search by scores (Sparse-RS).

    Raises:
        TypeError: the model has none.
    """
    model, settings = means.model, {key: definition[key] for key in ("budgets", "queries")}
    if model.scores is None:
        raise TypeError(f"a {type(model).__name__} has no scores; attack it by labels")
    return flips.score_search(model.predict, model.scores, images, labels, **settings, generator=means.generator)


def search_by_labels(means: Means, definition: Definition, images: Images, labels: Labels) -> Flipped:
    """Decision-based search from images of other classes."""
    pool = means.pool[: definition["pool"]]
    settings = {key: definition[key] for key in ("starts", "walk")}
    return label_search(means.model.predict, images, labels, pool, **settings, generator=means.generator)


METHODS: dict[str, Callable[[Means, Definition, Images, Labels], Flipped]] = {
    "single_flips": single_flips,
    "gradient_flips": gradient_flips,
    "score_search": score_search,
    "label_search": search_by_labels,
}


def attack(means: Means, definition: Definition, images: Images, labels: Labels) -> Flipped:
    """Attack the images that the model classifies rightly with one method."""
    method = METHODS[definition["method"]]
    found = flips.attack_right_ones(
        lambda right, answers: method(means, definition, right, answers), means.model.predict, images, labels
    )
    broken, clean = int((found.flips > 0).sum()), int((found.flips == 0).sum())
    logging.info(
        "%s: %d of %d images misclassified clean, %d after the attack",
        definition["method"],
        clean,
        len(images),
        clean + broken,
    )
    return found
