"""Networks under attacks made against themselves, by budget (claim C2), from per-image scores."""

import numpy as np
import pandas as pd
from scipy import special

from weightspace.estimates import CONFIDENCE
from weightspace.robustness.paired_outcomes import CLEAN, NO_SOURCE, Outcomes, count, summarise

KEYS = ["network", "attack", "budget", "answer", "images"]
QUANTILES = (0.25, 0.5, 0.75)


def count_network(scores, network, noises):
    """Counts of one network and seed: its own attacks, noise, and clean images as an attack ``clean`` with the budget
    0.

    Args: scores, rows of `scoring.score` with attack and network; noises, see `paired_outcomes.count`.

    Returns: rows of `paired_outcomes.count`, for all images and for those that it answers rightly when clean in the
    same way.
    """
    outcomes = Outcomes(scores[scores["network"].isin([network, NO_SOURCE])])
    right = outcomes.right_when_clean
    selections = {"all": lambda answer: right(answer) | True, "right_clean": right}
    counts = count(outcomes, outcomes.attacked(), noises, selections)
    clean = [
        {
            "source": network,
            "attack": CLEAN,
            "budget": 0.0,
            "answer": way,
            "images": "all",
            **_clean_counts(~right(way)),
        }
        for way in outcomes.answers()
    ]
    return pd.concat([counts, pd.DataFrame(clean)], ignore_index=True).assign(network=network)


def _clean_counts(wrong):
    return {
        "n": len(wrong),
        "wrong": wrong.sum(),
        **dict.fromkeys(("only_wrong", "only_clean", "n_noise", "wrong_noise", "only_attack", "only_noise"), 0),
    }


def tabulate(counts):
    """The table `attacks` from rows of `count_network` with the column seed."""
    table = summarise(
        counts.assign(source=counts["source"].where(counts["source"] == NO_SOURCE, "itself")), ["source", *KEYS]
    )
    return (
        table[(table["attack"] != CLEAN) | (table["quantity"] == "error")].drop(columns="source").reset_index(drop=True)
    )


def smallest_budgets(scores, network):
    """Per image the smallest budget of each attack on the network itself that misleads it, inf where none does, of
    images that it gets right.

    Returns: dict from (attack, answer) to budgets (m,).
    """
    outcomes = Outcomes(scores[scores["network"] == network])
    found = {}
    for source, attack, budget, answer in outcomes.attacked():
        right = ~outcomes.clean(source, attack, answer)
        wrong = outcomes.wrong[source, attack, budget, answer][right]
        least = found.setdefault((attack, answer), np.full(right.sum(), np.inf))
        np.minimum(least, np.where(wrong, budget, np.inf), out=least)
    return found


def quantile_rows(budgets):
    """Quantiles of the smallest successful budget with their intervals from order statistics, the images of all seeds
    pooled.

    Args: budgets, a list of arrays, one per seed. Returns: a list of dicts; inf stands for "larger than the largest
    budget tried".
    """
    pooled = np.sort(np.concatenate(budgets))
    n = len(pooled)
    rows = []
    for quantile in QUANTILES:
        # The number of images below the quantile is binomial; ranks that bound it with the wanted confidence bound the
        # quantile.
        ranks = np.arange(n + 1)
        below = special.bdtr(ranks, n, quantile)
        low = int(np.searchsorted(below, (1 - CONFIDENCE) / 2))
        high = int(np.searchsorted(below, (1 + CONFIDENCE) / 2))
        estimate, least, largest = (
            pooled[min(n - 1, max(0, place))] for place in (int(np.ceil(quantile * n)) - 1, low - 1, high)
        )
        rows.append(
            {"quantile": quantile, "estimate": estimate, "low": least, "high": largest, "n": n, "seeds": len(budgets)}
        )
    return rows


def tabulate_smallest(found):
    """The table `smallest_budgets`; args: found, a list of (network, seed's `smallest_budgets`)."""
    pooled = {}
    for network, budgets in found:
        for (attack, answer), values in budgets.items():
            pooled.setdefault((network, attack, answer), []).append(values)
    heads = ("network", "attack", "answer")
    return pd.DataFrame(
        [
            dict(zip(heads, cell, strict=True)) | row
            for cell, seeds in sorted(pooled.items())
            for row in quantile_rows(seeds)
        ]
    )
