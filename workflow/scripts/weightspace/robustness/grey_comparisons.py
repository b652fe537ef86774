"""Models compared under attacks on grey images, each attacked directly, on images that both answer rightly when clean
(claim C4, without a threshold between image and memory).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool

from weightspace.estimates import NUMBERS, difference_over_seeds, share_over_seeds
from weightspace.files import seed_of
from weightspace.robustness.paired_errors import PairedErrors
from weightspace.robustness.scoring import read_scores

PORTFOLIO, GREY = "portfolio", "grey"

Misled = Bool[np.ndarray, "m"]


def tabulate(paths: Iterable[str | Path], settings: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The table `grey_differences` from score files of the compared models, ``{model}/seed{seed}.npz``.

    ``settings``: ``pairs`` and ``portfolio``, see `compare`.
    """
    errors: dict[str, dict[int, PairedErrors]] = {}
    for path in map(Path, paths):
        model, scores = path.parent.name, read_scores(path)
        errors.setdefault(model, {})[seed_of(path)] = PairedErrors(scores[scores["network"] == model])
    return {"grey_differences": compare(errors, settings["pairs"], settings["portfolio"])}


def compare(
    errors: Mapping[str, Mapping[int, PairedErrors]], pairs: Iterable[Sequence[str]], portfolio: Sequence[str]
) -> pd.DataFrame:
    """The table `grey_differences`: error of a model less that of a reference under attacks on grey images, each
    attacked directly, on images that both answer rightly when clean.

    Args:
        errors: by model and seed, of the model's answers to the attacks on itself.
        pairs: (model, reference).
        portfolio: names of attacks of one norm. An image is misled at a budget if one of them misleads it there or at a
            smaller one, of those that both models met; each image is met by the same attacks on either side.
    """
    rows = []
    for model, reference in pairs:
        by_budget: dict[float, list[tuple[Misled, Misled]]] = {}
        for seed in sorted(errors[model].keys() & errors[reference].keys()):
            for budget, both in _both_misled(errors[model][seed], errors[reference][seed], portfolio).items():
                by_budget.setdefault(budget, []).append(both)
        head = {"model": model, "reference": reference, "attack": PORTFOLIO}
        for budget, seeds in sorted(by_budget.items()):
            cell = {"budget": budget, "answer": GREY, "images": "right_under_both", "quantity": "error"}
            rows.append({**head, **cell, **_difference(seeds)})
    columns = ["model", "reference", "attack", "budget", "answer", "images", "quantity", "error", "reference_error"]
    return pd.DataFrame(rows, columns=[*columns, *NUMBERS])


def _difference(seeds: Sequence[tuple[Misled, Misled]]) -> dict[str, Any]:
    n = [len(one) for one, _ in seeds]
    found = difference_over_seeds(
        [(one & ~other).sum() for one, other in seeds], [(other & ~one).sum() for one, other in seeds], n
    )
    shares = [share_over_seeds([pair[side].sum() for pair in seeds], n).estimate for side in (0, 1)]
    return {**dict(zip(("error", "reference_error"), shares, strict=True)), **vars(found)}


def _both_misled(
    one: PairedErrors, other: PairedErrors, portfolio: Sequence[str]
) -> dict[float, tuple[Misled, Misled]]:
    """By budget, which of the images that both models answer rightly an attack misleads within it, for either model."""
    count = min(len(side.right_when_clean(GREY)) for side in (one, other))
    right = np.logical_and(*(side.right_when_clean(GREY)[:count] for side in (one, other)))
    met = [
        {(budget, attack): wrong[:count] for (_, attack, budget, way), wrong in side.wrong.items() if way == GREY}
        for side in (one, other)
    ]
    found: dict[float, tuple[Misled, Misled]] = {}
    misled = np.zeros((2, count), dtype=bool)
    for budget, attack in sorted(met[0].keys() & met[1].keys()):
        if attack in portfolio and budget > 0:
            length = min(len(side[budget, attack]) for side in met)
            misled[:, :length] |= [side[budget, attack][:length] for side in met]
            found[budget] = (misled[0][right], misled[1][right])  # what misleads is within all larger budgets, too
    return found if right.any() else {}
