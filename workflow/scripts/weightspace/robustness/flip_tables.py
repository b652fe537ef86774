"""Tables of the binary domain from `flip_scores.FlipScores` of all seeds: error by number of flips, smallest numbers of
flips, and differences.

Errors are of all images, or of those that a model, or both models of a comparison, classify rightly when clean. What an
attack did not find is only a bound, so ``best`` takes, image by image, the attack of fewest flips; it is of the images
that every attack took.
"""

import numpy as np
import pandas as pd

from weightspace.attacks.flips import NOT_FOUND
from weightspace.estimates import difference_over_seeds, mean_over_seeds, share_over_seeds

BEST, RANDOM = "best", "random"
QUANTILES = (0.25, 0.5, 0.75)
_NEVER = np.iinfo(np.int16).max
_NUMBERS = ["estimate", "low", "high", "n", "seeds"]


class Outcomes:
    """Per-image outcomes of all seeds, by name."""

    def __init__(self, scores):
        first = scores[0]
        self.models, self.attacks, self.sources = (
            list(map(str, names)) for names in (first.models, first.attacks, first.sources)
        )
        self.budgets = [int(budget) for budget in first.budgets]
        self._wrong = np.stack([one.wrong for one in scores]).astype(bool)  # (S, T, M)
        flips = np.stack([one.flips for one in scores])  # (S, T, A, M)
        self._flips = np.where(flips == NOT_FOUND, _NEVER, flips)
        self._transferred = np.stack([one.transferred for one in scores])  # (S, T, R, K, M)

    def wrong(self, model):
        """Misclassified clean images, (S, M) bool."""
        return self._wrong[:, self.models.index(model)]

    def flips(self, model, attack):
        """Smallest number of flips (S, F) that the attack, or the best of all, found; a huge number where none."""
        mine = self._flips[:, self.models.index(model)]
        taken = [np.flatnonzero(mine[0, place] >= 0) for place in range(len(self.attacks))]
        if attack == BEST:
            return mine[:, :, : min(map(len, taken))].min(axis=1)
        place = self.attacks.index(attack)
        return mine[:, place, : len(taken[place])]

    def succeeded(self, flips):
        """Where `flips` tells of a success."""
        return flips < _NEVER

    def transferred(self, model, source, budget):
        """Misclassified patterns of a source at a budget, (S, F) bool, or None where the source has none."""
        found = self._transferred[:, self.models.index(model), self.sources.index(source), self.budgets.index(budget)]
        count = int((found[0] >= 0).sum())
        return found[:, :count].astype(bool) if count else None

    def attacked(self, model, attack, budget):
        """Misclassified after at most ``budget`` flips, (S, F) bool; ``random`` are random flips, of exactly so many
        bits.
        """
        if attack == RANDOM:
            return self.wrong(model) if budget == 0 else self.transferred(model, RANDOM, budget)
        return self.flips(model, attack) <= budget


def tabulate_flips(outcomes, knowledge):
    """The table `flips`: misclassified share by model, attack, budget (bits) and images.

    Args: knowledge, attack to what it knows of the model. Single flips say nothing of larger budgets.
    """
    rows = []
    for model in outcomes.models:
        for attack in (*outcomes.attacks, BEST, RANDOM):
            for budget in (0, *(k for k in outcomes.budgets if k == 1 or attack != "single_flips")):
                wrong = outcomes.attacked(model, attack, budget)
                right = ~outcomes.wrong(model)[:, : wrong.shape[1]]
                for images, chosen in (("all", np.ones_like(right)), ("right_clean", right)):
                    cell = {
                        "model": model,
                        "attack": attack,
                        "knowledge": knowledge.get(attack, ""),
                        "budget": budget,
                        "images": images,
                    }
                    rows.append({**cell, **vars(share_over_seeds((wrong & chosen).sum(axis=1), chosen.sum(axis=1)))})
    return pd.DataFrame(rows)


def tabulate_minimal_flips(outcomes):
    """The table `minimal_flips`: quantiles of the smallest number of flips over images that a model classifies rightly,
    means over seeds.

    ``found`` is the share of these images for which a success was found at any number of flips; a quantile beyond it is
    empty.
    """
    rows = []
    for model in outcomes.models:
        for attack in (*(name for name in outcomes.attacks if name != "single_flips"), BEST):
            needed = [flips[flips > 0] for flips in outcomes.flips(model, attack)]
            needed = [flips for flips in needed if len(flips)]
            found = share_over_seeds([(flips < _NEVER).sum() for flips in needed], [len(flips) for flips in needed])
            for quantile in QUANTILES:
                # The order statistic itself, so that images without a success are no number to average with.
                values = [np.quantile(flips, quantile, method="inverted_cdf") for flips in needed]
                known = bool(values) and max(values) < _NEVER
                estimate = (
                    vars(mean_over_seeds(values, n=found.n, bounds=(0.0, np.inf)))
                    if known
                    else {"n": found.n, "seeds": found.seeds}
                )
                rows.append(
                    {"model": model, "attack": attack, "quantile": quantile, **estimate, "found": found.estimate}
                )
    return pd.DataFrame(rows).reindex(columns=["model", "attack", "quantile", *_NUMBERS, "found"])


def tabulate_transfer(outcomes):
    """The table `flip_transfer`: error of a model on patterns made for another, by budget, and what it is above random
    flips of as many bits.
    """
    rows = []
    for source in outcomes.sources:
        for model in outcomes.models:
            for budget in outcomes.budgets:
                wrong = outcomes.transferred(model, source, budget)
                if wrong is None or source == RANDOM:
                    continue
                noise = outcomes.transferred(model, RANDOM, budget)[:, : wrong.shape[1]]
                right = ~(outcomes.wrong(model) | outcomes.wrong(source))[:, : wrong.shape[1]]
                for images, chosen in (("all", np.ones_like(right)), ("right_under_both", right)):
                    cell = {"source": source, "model": model, "budget": budget, "images": images}
                    share = share_over_seeds((wrong & chosen).sum(axis=1), chosen.sum(axis=1))
                    rows.append({**cell, "quantity": "error", **vars(share)})
                    rows.append({**cell, "quantity": "above_random", **vars(_difference(wrong, noise, chosen))})
    return pd.DataFrame(rows, columns=["source", "model", "budget", "images", "quantity", *_NUMBERS])


def _difference(first, second, chosen):
    """Error of the first less that of the second on the chosen images, paired; all (S, F) bool. NaN where a seed has
    none.
    """
    some = chosen.any(axis=1)
    first, second, chosen = first[some], second[some], chosen[some]
    only_first, only_second = (first & ~second & chosen).sum(axis=1), (second & ~first & chosen).sum(axis=1)
    return difference_over_seeds(only_first, only_second, chosen.sum(axis=1))


def tabulate_differences(outcomes, pairs, source):
    """The table `flip_differences`: error of a model less that of another under attacks of the same budget on the same
    images, paired.

    Args:
        pairs: (comparison, model, reference): what is compared.
        source: the model whose patterns are given to both of a pair, as ``transfer``; of a pair with itself as
            reference, ``transfer`` is the paper's comparison, images made for the reference itself.

    Attacks are single_flips (exhaustive), best (each model attacked directly) and transfer; ``budget`` 0 is clean.
    """
    rows = []
    for comparison, model, reference in pairs:
        for attack, budgets in (("single_flips", [1]), (BEST, [0, *outcomes.budgets]), ("transfer", outcomes.budgets)):
            for budget in budgets:
                if attack == "transfer":
                    pair = [outcomes.transferred(name, source, budget) for name in (model, reference)]
                else:
                    pair = [
                        outcomes.attacked(name, attack, budget)
                        for name in (model, reference)
                        if attack in (*outcomes.attacks, BEST)
                    ]
                if len(pair) < 2 or pair[0] is None:
                    continue
                first, second = pair
                count = min(first.shape[1], second.shape[1])
                first, second = first[:, :count], second[:, :count]
                right = ~(outcomes.wrong(model) | outcomes.wrong(reference))[:, :count]
                for images, chosen in (("all", np.ones_like(right)), ("right_under_both", right)):
                    cell = {
                        "comparison": comparison,
                        "model": model,
                        "reference": reference,
                        "attack": attack,
                        "budget": budget,
                        "images": images,
                    }
                    shares = [
                        share_over_seeds((wrong & chosen).sum(axis=1), chosen.sum(axis=1)).estimate
                        for wrong in (first, second)
                    ]
                    named = dict(zip(("error", "reference_error"), shares, strict=True))
                    rows.append({**cell, **named, **vars(_difference(first, second, chosen))})
    columns = ["comparison", "model", "reference", "attack", "budget", "images", "error", "reference_error", *_NUMBERS]
    return pd.DataFrame(rows, columns=columns)
