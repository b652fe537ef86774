"""Checks of the binary attacks themselves, from their outcomes: a comparison of models says nothing where the attacks
are weak.

Rows are those of `checks`, which says when an inequality fails and when it leaves a warning.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from weightspace.attacks.flip_files import FlippedPatterns
from weightspace.robustness.checks import FAILED, PASSED, WARNING, at_least, bounded, gives_one_answer, row
from weightspace.robustness.flip_comparisons import Searched
from weightspace.robustness.flip_tables import BEST, RANDOM, FlipOutcomes

# Of images that one flip misleads the search finds about nine tenths on memories, all on networks.
_SINGLE_FLIPS = 0.7


def check_outcomes(
    outcomes: FlipOutcomes, knowledge: Mapping[str, str], *, checked: int, classes: int
) -> list[dict[str, Any]]:
    """All checks, as rows; ``knowledge`` names what each attack knows, ``checked`` is the number of patterns that were,
    ``classes`` that of the classes.
    """
    rows = [_patterns(checked), *_kinds_of_attacks(knowledge)]
    for model in outcomes.models:
        rows += [
            *_beats_noise(outcomes, model),
            *_beats_transfer(outcomes, model),
            *_monotone(outcomes, model),
            _unbounded(outcomes, model, classes),
        ]
    return rows


def check_searches(searched: Searched, outcomes: FlipOutcomes) -> Iterator[dict[str, Any]]:
    """Whether the search for the fewest flips gave all models the same chance, and is as strong as the other attacks on
    the images that both took.

    Both take images in the same order, so the first ones are the same.
    """
    yield _same_chance(searched)
    for model in searched.searches:
        for budget in outcomes.budgets:
            noise = outcomes.at_random(model, budget)
            yield _search_against(searched, outcomes, model, budget, noise, "random flips", "random ones")
            for source in outcomes.sources:
                transferred = outcomes.transferred(model, source, budget)
                if source not in (model, RANDOM) and transferred is not None:
                    name = f"flips made for {source}"
                    yield _search_against(searched, outcomes, model, budget, transferred, name, "transferred ones")
        if "single_flips" in outcomes.attacks:
            yield _finds_single_flips(searched, outcomes, model)


def _same_chance(searched):
    """Equal queries, none asked beyond them, and the same images for all."""
    check, first = "search with equal queries on the same images", next(iter(searched.searches.values()))
    unlike = [
        model
        for model, one in searched.searches.items()
        if not np.array_equal(one.queries, first.queries)
        or not np.array_equal(one.index, searched.answers.index)
        or one.spent.max(initial=0) > first.queries[-1]
    ]
    verdict = FAILED if unlike else PASSED
    told = f"{', '.join(unlike)} had other queries or images than the rest" if unlike else "all models had the same"
    sentence = f"search for the fewest flips, at most {first.queries[-1]} queries an image: {told}"
    n = int(sum((one.flips[-1] >= -1).sum() for one in searched.searches.values()))
    return row(check, "all models", float(len(unlike)), "0", n=n, verdict=verdict, sentence=sentence)


def _search_against(searched, outcomes, model, budget, other, name, kind):
    flips, taken = _on_first(searched, model, other.shape[1])
    subject = f"{model}, {budget} flips"
    misled = [(flips <= budget)[taken], other[taken]]
    return at_least(f"search at least as strong as {kind}", subject, *misled, names=("the search", name))


def _finds_single_flips(searched, outcomes, model):
    """The exhaustive search of single flips cannot be beaten, so it says what share the search misses."""
    exact = outcomes.flips(model, "single_flips")
    flips, taken = _on_first(searched, model, exact.shape[1])
    possible = taken & (exact == 1)
    n = int(possible.sum())
    share = (flips <= 1)[possible].mean() if n else 1.0
    what = "the share found by the search of the images that a single flip misleads"
    return bounded("search finds single flips", model, share, low=0.0, warn=(_SINGLE_FLIPS, 1.0), n=n, what=what)


def _on_first(searched, model, count):
    """Fewest flips (S, F) of the first images, and which of them were attacked."""
    return searched.flips(model)[:, :count], searched.taken(model)[:, :count]


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


def _unbounded(outcomes, model, classes):
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
    if n and not found.any() and gives_one_answer(float(clean), classes):
        sentence = (
            f"{model}: no flips mislead it, since it gives nearly all images one answer and errs on {clean:.2f} of them"
            " clean"
        )
        one |= {"verdict": WARNING, "sentence": sentence}
    return one


def count_patterns(files: Iterable[FlippedPatterns]) -> int:
    """Number of patterns that were checked as they were read."""
    return int(sum((file.flips >= 0).sum() + np.prod(file.fixed.shape[:3]) for file in files))
