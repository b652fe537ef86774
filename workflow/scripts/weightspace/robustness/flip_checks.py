"""Checks of the binary attacks themselves, from their outcomes: a comparison of models says nothing where the attacks
are weak.

Rows are those of `checks`, which says when an inequality fails and when it leaves a warning.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.robustness.checks import FAILED, PASSED, WARNING, at_least, bounded, row
from weightspace.robustness.flip_tables import BEST, RANDOM, FlipOutcomes

# A model that gives all images of ten classes one answer is right on a tenth of them, a little more where the classes
# are uneven.
_ONE_ANSWER = 0.8


def check_outcomes(outcomes: FlipOutcomes, knowledge: Mapping[str, str], *, checked: int) -> list[dict[str, Any]]:
    """All checks, as rows; ``knowledge`` names what each attack knows, ``checked`` the number of patterns that were."""
    rows = [_patterns(checked), *_kinds_of_attacks(knowledge)]
    for model in outcomes.models:
        rows += [
            *_beats_noise(outcomes, model),
            *_beats_transfer(outcomes, model),
            *_monotone(outcomes, model),
            _unbounded(outcomes, model),
        ]
    return rows


def _patterns(checked):
    sentence = (
        f"all {checked} attacked patterns were checked to be ±1 and within their number of flips as they were read"
    )
    return row("patterns of ±1 within their flips", "all files", 1.0, "1", n=checked, verdict=PASSED, sentence=sentence)


def _kinds_of_attacks(knowledge):
    for kind in ("gradients", "scores", "labels"):
        number = sum(found == kind for found in knowledge.values())
        verdict = PASSED if number else FAILED
        sentence = f"every model was attacked in bits by {number} attack(s) that see its {kind}"
        yield row(f"flips by {kind}", "all models", number, "at least 1", n=0, verdict=verdict, sentence=sentence)


def _compare(check, model, stronger, weaker, *, budget, names):
    """A row on outcomes (S, F) of the same images, those of all seeds together."""
    return at_least(check, f"{model}, {budget} flips", stronger.ravel(), weaker.ravel(), names=names)


def _beats_noise(outcomes, model):
    for budget in outcomes.budgets:
        best = outcomes.attacked(model, BEST, budget)
        noise = outcomes.attacked(model, RANDOM, budget)[:, : best.shape[1]]
        yield _compare(
            "flips at least as strong as random ones",
            model,
            best,
            noise,
            budget=budget,
            names=("the best attack", "random flips"),
        )


def _beats_transfer(outcomes, model):
    for source in outcomes.sources:
        for budget in outcomes.budgets:
            transferred = outcomes.transferred(model, source, budget)
            if source in (model, RANDOM) or transferred is None:
                continue
            best = outcomes.attacked(model, BEST, budget)
            count = min(best.shape[1], transferred.shape[1])
            names = ("the best attack on it", f"that on {source}")
            pair = best[:, :count], transferred[:, :count]
            yield _compare(
                "direct flips at least as strong as transferred ones", model, *pair, budget=budget, names=names
            )


def _monotone(outcomes, model):
    for smaller, larger in pairwise(outcomes.budgets if model in outcomes.sources else []):
        before, after = (outcomes.transferred(model, model, budget) for budget in (smaller, larger))
        if before is not None:
            names = (f"{larger} flips by gradients", f"{smaller}")
            yield _compare("success grows with the number of flips", model, after, before, budget=larger, names=names)


def _unbounded(outcomes, model):
    """With all bits to flip, every image that the model gets right must be found an answer that is wrong."""
    flips = outcomes.flips(model, BEST)
    attacked, found = flips > 0, (flips > 0) & outcomes.succeeded(flips)
    n, clean = int(attacked.sum()), outcomes.wrong(model).mean()
    share = found.sum() / n if n else 1.0
    one = bounded(
        "flips without a bound mislead always",
        model,
        share,
        low=1,
        n=n,
        what="the share of images misled by any number of flips",
    )
    if n and not found.any() and clean >= _ONE_ANSWER:
        sentence = (
            f"{model}: no flips mislead it, since it gives nearly all images one answer and errs on {clean:.2f} of them"
            " clean"
        )
        one |= {"verdict": WARNING, "sentence": sentence}
    return one


def count_patterns(files: Iterable[FlippedPatterns]) -> int:
    """Number of patterns that were checked as they were read."""
    return int(sum((file.flips >= 0).sum() + np.prod(file.fixed.shape[:3]) for file in files))
