"""Tables of the binary domain from `flip_scores.FlipScores` of all seeds: error by number of flips, smallest numbers of
flips, and differences.

Errors are of all images, or of those that a model, or both models of a comparison, classify rightly when clean. What an
attack did not find is only a bound, so ``best`` takes, image by image, the attack of fewest flips; it is of the images
that every attack took.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int

from weightspace.attacks.flips import NOT_FOUND
from weightspace.estimates import NUMBERS, Estimate, difference_over_seeds, mean_over_seeds, share_over_seeds
from weightspace.robustness.flip_scores import FlipScores

BEST, RANDOM = "best", "random"
QUANTILES = (0.25, 0.5, 0.75)
DIFFERENCES = [
    *("comparison", "model", "reference", "attack", "budget", "images", "quantity", "error", "reference_error"),
]
_NEVER = np.iinfo(np.int16).max

Misclassified = Bool[np.ndarray, "S F"]


class FlipOutcomes:
    """Per-image outcomes of all seeds, by name."""

    def __init__(self, scores: Sequence[FlipScores]) -> None:
        first = scores[0]
        self.models, self.attacks, self.sources = (
            list(map(str, names)) for names in (first.models, first.attacks, first.sources)
        )
        self.budgets = [int(budget) for budget in first.budgets]
        self._wrong = np.stack([one.wrong for one in scores]).astype(bool)  # (S, T, M)
        flips = np.stack([one.flips for one in scores])  # (S, T, A, M)
        self._flips = np.where(flips == NOT_FOUND, _NEVER, flips)
        self._transferred = np.stack([one.transferred for one in scores])  # (S, T, R, K, M)

    def wrong(self, model: str) -> Misclassified:
        """Misclassified clean images."""
        return self._wrong[:, self.models.index(model)]

    def flips(self, model: str, attack: str) -> Int[np.ndarray, "S F"]:
        """Smallest number of flips that the attack, or the best of all, found; a huge number where none."""
        mine = self._flips[:, self.models.index(model)]
        taken = [np.flatnonzero(mine[0, place] >= 0) for place in range(len(self.attacks))]
        if attack == BEST:
            return mine[:, :, : min(map(len, taken))].min(axis=1)
        place = self.attacks.index(attack)
        return mine[:, place, : len(taken[place])]

    def succeeded(self, flips: Int[np.ndarray, "S F"]) -> Bool[np.ndarray, "S F"]:
        """Where `flips` tells of a success."""
        return flips < _NEVER

    def transferred(self, model: str, source: str, budget: int) -> Misclassified | None:
        """Misclassified patterns of a source at a budget, None where the source has none."""
        found = self._transferred[:, self.models.index(model), self.sources.index(source), self.budgets.index(budget)]
        count = int((found[0] >= 0).sum())
        return found[:, :count].astype(bool) if count else None

    def at_random(self, model: str, budget: int) -> Misclassified:
        """Misclassified after ``budget`` random flips."""
        found = self.transferred(model, RANDOM, budget)
        assert found is not None, "random flips are made for all"
        return found

    def attacked(self, model: str, attack: str, budget: int) -> Misclassified:
        """Misclassified after at most ``budget`` flips; ``random`` are random flips, of exactly so many bits."""
        if attack == RANDOM:
            return self.wrong(model) if budget == 0 else self.at_random(model, budget)
        return self.flips(model, attack) <= budget


def tabulate_flips(outcomes: FlipOutcomes, knowledge: Mapping[str, str]) -> pd.DataFrame:
    """The table `flips`: misclassified share by model, attack, budget (bits) and images.

    Args: knowledge, attack to what it knows of the model. Single flips say nothing of larger budgets.
    """
    rows = []
    for model in outcomes.models:
        for attack in (*outcomes.attacks, BEST, RANDOM):
            for budget in (0, *(k for k in outcomes.budgets if k == 1 or attack != "single_flips")):
                wrong = outcomes.attacked(model, attack, budget)
                head = {"model": model, "attack": attack, "knowledge": knowledge.get(attack, ""), "budget": budget}
                rows += [
                    {**head, "images": images, **vars(_share(wrong, chosen))}
                    for images, chosen in _chosen(outcomes, wrong, right_clean=[model])
                ]
    return pd.DataFrame(rows)


def tabulate_minimal_flips(outcomes: FlipOutcomes) -> pd.DataFrame:
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
            head = {"model": model, "attack": attack, "n": found.n, "seeds": found.seeds, "found": found.estimate}
            rows += [{**head, "quantile": quantile, **_quantile(needed, quantile)} for quantile in QUANTILES]
    return pd.DataFrame(rows).reindex(columns=["model", "attack", "quantile", *NUMBERS, "found"])


def _quantile(needed: Sequence[Int[np.ndarray, "..."]], quantile: float) -> dict[str, float]:
    """Mean of the seeds' quantiles with its interval, nothing where one of them is an image without a success."""
    # The order statistic itself, so that images without a success are no number to average with.
    values = [np.quantile(flips, quantile, method="inverted_cdf") for flips in needed]
    if not values or max(values) == _NEVER:
        return {}
    return vars(mean_over_seeds(values, n=sum(map(len, needed)), bounds=(0, np.inf)))


def tabulate_transfer(outcomes: FlipOutcomes) -> pd.DataFrame:
    """The table `flip_transfer`: error of a model on patterns made for another, by budget, and what it is above random
    flips of as many bits.
    """
    rows = []
    for source in (name for name in outcomes.sources if name != RANDOM):
        for model in outcomes.models:
            for budget in outcomes.budgets:
                wrong = outcomes.transferred(model, source, budget)
                if wrong is None:
                    continue
                noise = outcomes.at_random(model, budget)[:, : wrong.shape[1]]
                for images, chosen in _chosen(outcomes, wrong, right_under_both=[model, source]):
                    head = {"source": source, "model": model, "budget": budget, "images": images}
                    rows.append({**head, "quantity": "error", **vars(_share(wrong, chosen))})
                    rows.append({**head, "quantity": "above_random", **vars(paired_difference(wrong, noise, chosen))})
    return pd.DataFrame(rows, columns=["source", "model", "budget", "images", "quantity", *NUMBERS])


def tabulate_differences(outcomes: FlipOutcomes, pairs: Sequence[tuple[str, str, str]], source: str) -> pd.DataFrame:
    """The table `flip_differences`: error of a model less that of another under attacks of the same budget on the same
    images, paired.

    Args:
        pairs: (comparison, model, reference): what is compared.
        source: the model whose patterns are given to both of a pair, as ``transfer``; of a pair with itself as
            reference, ``transfer`` is the paper's comparison, images made for the reference itself.

    Attacks are single_flips (exhaustive), best (each model attacked directly) and transfer; ``budget`` 0 is clean.
    """
    rows = []
    compared = {"single_flips": [1], BEST: [0, *outcomes.budgets], "transfer": outcomes.budgets}
    if "single_flips" not in outcomes.attacks:
        del compared["single_flips"]
    for comparison, model, reference in pairs:
        for attack, budget in ((attack, budget) for attack, budgets in compared.items() for budget in budgets):
            first, second = (_misled(outcomes, name, attack, budget, source) for name in (model, reference))
            if first is None or second is None:
                continue
            count = min(first.shape[1], second.shape[1])
            first, second = first[:, :count], second[:, :count]
            for images, chosen in _chosen(outcomes, first, right_under_both=[model, reference]):
                rows.append(
                    {
                        "comparison": comparison,
                        "model": model,
                        "reference": reference,
                        "attack": attack,
                        "budget": budget,
                        "images": images,
                        "quantity": "error",
                        "error": _share(first, chosen).estimate,
                        "reference_error": _share(second, chosen).estimate,
                        **vars(paired_difference(first, second, chosen)),
                    }
                )
    return pd.DataFrame(rows, columns=[*DIFFERENCES, *NUMBERS])


def _misled(outcomes: FlipOutcomes, model: str, attack: str, budget: int, source: str) -> Misclassified | None:
    if attack == "transfer":
        return outcomes.transferred(model, source, budget)
    return outcomes.attacked(model, attack, budget)


def _chosen(outcomes: FlipOutcomes, wrong: Misclassified, **right: Sequence[str]) -> list[tuple[str, Misclassified]]:
    """All images of ``wrong``, and by name those that the models of ``right`` classify rightly when clean."""
    chosen = [("all", np.ones_like(wrong))]
    for name, models in right.items():
        erring = np.any([outcomes.wrong(model)[:, : wrong.shape[1]] for model in models], axis=0)
        chosen.append((name, ~erring))
    return chosen


def _share(wrong: Misclassified, chosen: Misclassified) -> Estimate:
    return share_over_seeds((wrong & chosen).sum(axis=1), chosen.sum(axis=1))


def paired_difference(first: Misclassified, second: Misclassified, chosen: Misclassified) -> Estimate:
    """Error of the first less that of the second on the chosen images, paired. NaN where a seed has none."""
    some = chosen.any(axis=1)
    first, second, chosen = first[some], second[some], chosen[some]
    only_first, only_second = (first & ~second & chosen).sum(axis=1), (second & ~first & chosen).sum(axis=1)
    return difference_over_seeds(only_first, only_second, chosen.sum(axis=1))
