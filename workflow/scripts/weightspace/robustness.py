"""Error of networks under attack, by budget (claim C2), from per-image scores."""

import numpy as np
import pandas as pd

from weightspace.intervals import share_over_seeds

_CELL = ["network", "attack", "budget", "answer", "images"]


def seed_errors(scores):
    """Errors of one network and seed on the test images attacked against it.

    Args: scores, `scoring.score` with the column attack. Returns: per attack, budget and way of answering the counts n and wrong, over all
    images (``images`` "all") and over those answered rightly when clean in that way ("right_clean").
    """
    scores = scores[scores.split == "test"].assign(wrong=lambda rows: rows.predicted != rows.label)
    clean = scores[scores.budget == 0].set_index(["attack", "answer", "rank"]).wrong
    wrong_clean = clean.reindex(pd.MultiIndex.from_frame(scores[["attack", "answer", "rank"]])).to_numpy()
    parts = []
    for images, chosen in (("all", np.ones(len(scores), dtype=bool)), ("right_clean", ~wrong_clean)):
        part = scores[chosen].groupby(["attack", "budget", "answer"]).wrong.agg(n="size", wrong="sum").reset_index()
        parts.append(part.assign(images=images))
    return pd.concat(parts, ignore_index=True)


def summarise(errors):
    """The table `attacks` from rows of `seed_errors` with the columns network and seed: misclassified share by cell, over seeds."""
    rows = []
    for cell, seeds in errors.groupby(_CELL, sort=True):
        rows.append({**dict(zip(_CELL, cell, strict=True)), **vars(share_over_seeds(seeds.wrong, seeds.n))})
    return pd.DataFrame(rows)
