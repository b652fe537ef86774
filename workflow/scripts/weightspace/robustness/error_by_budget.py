"""Networks under attacks made against themselves, by budget (claim C2), from per-image scores."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64
from scipy import special

from weightspace.estimates import CONFIDENCE, NONE
from weightspace.robustness.paired_errors import CLEAN, NO_SOURCE, PairedErrors, count, summarise
from weightspace.robustness.scoring import read_scores

KEYS = ["network", "attack", "budget", "answer", "images"]
QUANTILES = (0.25, 0.5, 0.75)

Smallest = dict[tuple[str, str], Float64[np.ndarray, "_"]]  # budgets by attack and way of answering


def tabulate(paths: Iterable[str | Path], settings: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables `attacks` and `smallest_budgets` from the score files of networks, ``{network}/seed{seed}.npz``.

    ``settings``: ``noises``, see `paired_errors.count`.
    """
    counts, smallest = [], []
    for path in map(Path, paths):
        network, scores = path.parent.name, read_scores(path)
        counts.append(count_network(scores, network, settings["noises"]).assign(seed=path.stem))
        smallest.append((network, smallest_budgets(scores, network)))
    return {
        "attacks": errors_table(pd.concat(counts, ignore_index=True)),
        "smallest_budgets": smallest_budgets_table(smallest),
    }


def count_network(scores: pd.DataFrame, network: str, noises: Mapping[str, str | None]) -> pd.DataFrame:
    """Counts of one network and seed: its own attacks, noise, and clean images as an attack ``clean`` with the budget
    0.

    Returns: rows of `paired_errors.count`, for all images and for those that it answers rightly when clean in the same
    way.
    """
    errors = PairedErrors(scores[scores["network"].isin([network, NO_SOURCE])])
    right = errors.right_when_clean
    selections = {"all": lambda answer: right(answer) | True, "right_clean": right}
    counts = count(errors, errors.attacked(), noises, selections)
    head = {"source": network, "attack": CLEAN, "budget": 0.0, "images": "all"}
    clean = [{**head, "answer": way, **_clean_counts(~right(way))} for way in errors.answers()]
    return pd.concat([counts, pd.DataFrame(clean)], ignore_index=True).assign(network=network)


def _clean_counts(wrong: Bool[np.ndarray, "m"]) -> dict[str, Any]:
    nothing = dict.fromkeys(("only_wrong", "only_clean", "n_noise", "wrong_noise", "only_attack", "only_noise"), 0)
    return {"n": len(wrong), "wrong": wrong.sum(), **nothing}


def errors_table(counts: pd.DataFrame) -> pd.DataFrame:
    """The table `attacks` from rows of `count_network` with the column seed."""
    itself = counts["source"].where(counts["source"] == NO_SOURCE, "itself")
    table = summarise(counts.assign(source=itself), ["source", *KEYS])
    kept = table[(table["attack"] != CLEAN) | (table["quantity"] == "error")]
    return kept.drop(columns="source").reset_index(drop=True)


def smallest_budgets(scores: pd.DataFrame, network: str) -> Smallest:
    """Per image the smallest budget of each attack on the network itself that misleads it, inf where none does, of
    images that it gets right.
    """
    errors = PairedErrors(scores[scores["network"] == network])
    found: Smallest = {}
    for source, attack, budget, answer in errors.attacked():
        right = ~errors.clean(source, attack, answer)
        wrong = errors.wrong[source, attack, budget, answer][right]
        least = found.setdefault((attack, answer), np.full(right.sum(), np.inf))
        np.minimum(least, np.where(wrong, budget, np.inf), out=least)
    return found


def quantile_rows(budgets: Sequence[Float64[np.ndarray, "_"]]) -> list[dict[str, Any]]:
    """Quantiles over the images of a seed, one array for each, of the smallest successful budget: the median over
    seeds, with the interval of that median from the seeds' order.

    inf stands for "larger than the largest budget tried". With fewer than six seeds their order gives no interval of
    95 %; then it is from 0 to inf.
    """
    rows = []
    for quantile in QUANTILES:
        found = np.sort([np.sort(seed)[max(0, math.ceil(quantile * len(seed)) - 1)] for seed in budgets if len(seed)])
        if not len(found):
            continue
        # How many seeds lie below the median of all seeds is binomial; the outermost ranks that hold it with 95 %.
        outside = int(special.bdtr(np.arange(len(found)), len(found), 0.5).searchsorted((1 - CONFIDENCE) / 2))
        low, high = (found[outside - 1], found[-outside]) if outside else (0.0, np.inf)
        estimate = found[(len(found) - 1) // 2]
        head = {"quantile": quantile, "estimate": estimate, "low": low, "high": high, "n": sum(map(len, budgets))}
        rows.append({**head, "seeds": len(found), "interval": "order of seeds" if outside else NONE})
    return rows


def smallest_budgets_table(found: Iterable[tuple[str, Smallest]]) -> pd.DataFrame:
    """The table `smallest_budgets` from pairs of a network and one seed's `smallest_budgets`."""
    cells: dict[tuple[str, str, str], list[np.ndarray]] = {}
    for network, budgets in found:
        for (attack, answer), values in budgets.items():
            cells.setdefault((network, attack, answer), []).append(values)
    heads = ("network", "attack", "answer")
    return pd.DataFrame(
        [
            dict(zip(heads, cell, strict=True)) | row
            for cell, seeds in sorted(cells.items())
            for row in quantile_rows(seeds)
        ]
    )
