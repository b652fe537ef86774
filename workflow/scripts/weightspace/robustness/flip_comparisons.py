"""Models compared under the portfolio, on images that both answer rightly when clean: by number of flips, and by the
smallest number of flips; and whether the search has converged.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int

from weightspace.attacks.flip_searches import CleanAnswers, FlipSearches
from weightspace.attacks.flips import NOT_ATTACKED
from weightspace.estimates import CONFIDENCE, NUMBERS, Estimate, mean_over_seeds, share_over_seeds
from weightspace.robustness.flip_tables import paired_difference

PORTFOLIO = "portfolio"
STRENGTH_AT = 8  # flips at which convergence is judged, 1 % of MNIST's bits

Attacked = Bool[np.ndarray, "S M"]


class Searched:
    """What the search found for all models, on the same images of each seed."""

    def __init__(self, answers: CleanAnswers, searches: Mapping[str, FlipSearches], *, largest: int) -> None:
        self.answers, self.searches, self.largest = answers, searches, largest

    def taken(self, *models: str) -> Attacked:
        """Images on which all these models were attacked, which they all answer rightly."""
        attacked = [self.searches[model].flips[-1] != NOT_ATTACKED for model in models]
        return np.all(attacked, axis=0) & self.answers.right(*models)

    def flips(self, model: str, after: int = -1) -> Int[np.ndarray, "S M"]:
        """Fewest flips after the last of the noted numbers of queries, or another; one more than were tried where none
        mislead.
        """
        found = self.searches[model].flips[after].astype(np.int64)
        return np.where(found < 0, self.largest + 1, found)


def compare(
    searched: Searched,
    pairs: Sequence[tuple[str, str, str]],
    budgets: Sequence[int],
    *,
    decided: Sequence[Sequence[str]],
    images: int,
) -> Iterator[dict[str, Any]]:
    """Rows of the table `flip_differences` under the portfolio.

    Args:
        pairs: (comparison, model, reference).
        budgets: numbers of flips.
        decided: pairs between which claims are decided. They are compared on the first ``images`` that both answer
            rightly and on no others, since a model of several pairs is attacked on images that a third model chose.

    ``quantity`` error is the error of the model less that of the reference at a budget, with a band that holds at all
    budgets together (Bonferroni), in ``band_low`` and ``band_high``. ``median_flips`` is the difference of the medians
    of the smallest numbers of flips; an image that no flips mislead counts as one flip more than were tried.
    """
    for comparison, model, reference in pairs:
        if model not in searched.searches or reference not in searched.searches:
            continue
        both = searched.taken(model, reference)
        if any({model, reference} == set(pair) for pair in decided):
            both &= searched.answers.first_right(model, reference, count=images)
        head = {"comparison": comparison, "model": model, "reference": reference, "attack": PORTFOLIO}
        head |= {"images": "right_under_both"}
        mine, other = searched.flips(model), searched.flips(reference)
        for budget in budgets:
            first, second = ((flips <= budget) & both for flips in (mine, other))
            found = paired_difference(first, second, both)
            band = _widened(first, second, both, confidence=1 - (1 - CONFIDENCE) / len(budgets))
            shares = [share_over_seeds(one.sum(axis=1), both.sum(axis=1)).estimate for one in (first, second)]
            named = dict(zip(("error", "reference_error"), shares, strict=True))
            yield {**head, "budget": budget, "quantity": "error", **named, **vars(found), **band}
        yield {**head, "quantity": "median_flips", **vars(_medians(mine, other, both))}


def _widened(first: Attacked, second: Attacked, both: Attacked, *, confidence: float) -> dict[str, float]:
    some = both.any(axis=1)
    differences = (first[some].sum(axis=1) - second[some].sum(axis=1)) / both[some].sum(axis=1)
    if len(differences) < 2 or not np.ptp(differences):
        return {}
    found = mean_over_seeds(differences, n=int(both.sum()), bounds=(-1.0, 1.0), confidence=confidence)
    return {"band_low": found.low, "band_high": found.high}


def _medians(mine: Int[np.ndarray, "S M"], other: Int[np.ndarray, "S M"], both: Attacked) -> Estimate:
    some = [(one[chosen], two[chosen]) for one, two, chosen in zip(mine, other, both, strict=True) if chosen.any()]
    if not some:
        return Estimate(np.nan, np.nan, np.nan, 0, 0)
    # The order statistic itself: an image without a success is no number to average with.
    medians = [
        float(np.quantile(one, 0.5, method="inverted_cdf") - np.quantile(two, 0.5, method="inverted_cdf"))
        for one, two in some
    ]
    return mean_over_seeds(medians, n=int(both.sum()))


def tabulate_strength(searched: Searched) -> pd.DataFrame:
    """The table `attack_strength`: error of each model after `STRENGTH_AT` flips by number of queries, on the images on
    which it was attacked, and what the last doubling of the queries added (``gain_by_doubling``).
    """
    rows = []
    for model, one in searched.searches.items():
        taken = searched.taken(model)
        n = taken.sum(axis=1)
        misled = [(searched.flips(model, place) <= STRENGTH_AT) & taken for place in range(len(one.queries))]
        for queries, wrong in zip(one.queries, misled, strict=True):
            found = share_over_seeds(wrong.sum(axis=1), n)
            rows.append({"model": model, "queries": int(queries), "quantity": "error", **vars(found)})
        if len(misled) > 1:
            gained = share_over_seeds((misled[-1] & ~misled[-2]).sum(axis=1), n)
            rows.append(
                {"model": model, "queries": int(one.queries[-1]), "quantity": "gain_by_doubling", **vars(gained)}
            )
    return pd.DataFrame(rows, columns=["model", "queries", "quantity", *NUMBERS])
