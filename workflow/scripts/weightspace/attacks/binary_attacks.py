"""The attacks of the binary domain by method, and the attack of one model by several of them: one function and one
entry in `METHODS` each.

A definition says the threat model, ``domain`` binary, ``norm`` l0 and ``knowledge``, what the attacker knows of the
model: nothing, its labels, its scores or its gradients; and how many of the first ``images`` of each seed are attacked.
"""

import logging
from dataclasses import dataclass

import numpy as np

from weightspace.attacks import flips
from weightspace.attacks.label_search import label_search
from weightspace.attacks.smooth_recall import margin_gradient


@dataclass(frozen=True)
class Task:
    """What an attack may use: the model as `binary_targets.Target`, all ``budgets``, a ``pool`` (Q, N) of images anyone
    has, and a generator.
    """

    target: object
    budgets: list
    pool: np.ndarray
    generator: np.random.Generator


def single_flips(task, definition, images, labels):
    """Exhaustive: all single flips of every image."""
    return flips.single_flips(task.target.predict, task.target.neighbours, images, labels)


def gradient_flips(task, definition, images, labels):
    """Greedy by gradients: of the model where it has any, else of a stand-in, one attack for each setting of the sweep;
    the best per image counts.
    """
    target, sweep = task.target, definition["surrogates"]
    settings = {"budgets": task.budgets, "growth": definition["growth"], "generator": task.generator}
    # A model's own gradients say which flip misleads it; those of a stand-in only where to look.
    settings["lookahead"] = 0 if target.exact is not None else definition["lookahead"]
    modules = target.surrogates(sweep)
    return flips.smallest(
        [flips.greedy_flips(target.predict, margin_gradient(module), images, labels, **settings) for module in modules]
    )


def score_search(task, definition, images, labels):
    """Random search by scores (Sparse-RS)."""
    target, settings = task.target, {key: definition[key] for key in ("budgets", "queries")}
    return flips.score_search(target.predict, target.scores, images, labels, **settings, generator=task.generator)


def search_by_labels(task, definition, images, labels):
    """Decision-based search from images of other classes."""
    pool = task.pool[: definition["pool"]]
    settings = {key: definition[key] for key in ("starts", "walk")}
    return label_search(task.target.predict, images, labels, pool, **settings, generator=task.generator)


METHODS = {
    "single_flips": single_flips,
    "gradient_flips": gradient_flips,
    "score_search": score_search,
    "label_search": search_by_labels,
}


def attack(task, definition, images, labels):
    """Attack the images that the model classifies rightly with one method. Returns: `flips.Flipped`."""
    method = METHODS[definition["method"]]
    found = flips.attack_right_ones(
        lambda right, answers: method(task, definition, right, answers), task.target.predict, images, labels
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
