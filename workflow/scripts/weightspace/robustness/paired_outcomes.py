"""Errors of one model under attack, set beside its errors on the same images clean and with noise of the same size.

The unit is the image: whoever attacks is charged only with what clean images and noise do not explain.
"""

import numpy as np
import pandas as pd

from weightspace.estimates import difference_over_seeds, estimates_by, mcnemar, share_over_seeds

CLEAN, NO_SOURCE = "clean", "none"
CELL = ["source", "attack", "budget", "answer"]
COUNTS = ["n", "wrong", "only_wrong", "only_clean", "n_noise", "wrong_noise", "only_attack", "only_noise"]


class Outcomes:
    """Whether a model with one seed erred, by cell and test image.

    Args: scores, rows of `scoring.score` with the columns attack and network (the source), as `score_files.read_scores`
    gives them.
    """

    def __init__(self, scores):
        scores = scores[scores["split"] == "test"]
        wrong = (scores["predicted"] != scores["label"]).to_numpy()
        cells = pd.DataFrame(
            {"source": scores["network"].astype(str), **{name: scores[name] for name in ("attack", "budget", "answer")}}
        )
        cells = cells.assign(
            attack=cells["attack"].astype(str),
            answer=cells["answer"].astype(str),
            rank=scores["rank"].to_numpy(),
            wrong=wrong,
        )
        self.wrong = {
            cell: rows["wrong"].to_numpy()
            for cell, rows in cells.sort_values("rank", kind="stable").groupby(CELL, sort=True)
        }

    def clean(self, source, attack, answer):
        """The same images as of the source's attack, before it, (m,) bool."""
        return self.wrong[source, attack, 0.0, answer]

    def right_when_clean(self, answer):
        """Which test images it gets right when clean, (m,) bool, of the file with most of them."""
        candidates = [wrong for (_, _, budget, way), wrong in self.wrong.items() if budget == 0 and way == answer]
        return ~max(candidates, key=len)

    def attacked(self):
        """Cells (source, attack, budget, answer) of attacked images, noise included."""
        return [cell for cell in self.wrong if cell[2] > 0]

    def answers(self):
        return sorted({cell[3] for cell in self.wrong})


def count_cell(outcomes, cell, noise, chosen):
    """Counts of one cell over the images ``chosen`` (m,) bool, of which fewer may have been attacked.

    Args: noise, the name of the noise that is compared with, or None. Returns: dict of `COUNTS`; the counts of noise
    are 0 where there is none.
    """
    source, attack, budget, answer = cell
    wrong = outcomes.wrong[cell]
    chosen = chosen[: len(wrong)]
    clean, wrong = outcomes.clean(source, attack, answer)[chosen], wrong[chosen]
    counts = {
        "n": len(wrong),
        "wrong": wrong.sum(),
        "only_wrong": (wrong & ~clean).sum(),
        "only_clean": (clean & ~wrong).sum(),
    }
    noisy = outcomes.wrong.get((NO_SOURCE, noise, budget, answer))
    if noisy is None:
        return counts | dict.fromkeys(COUNTS[4:], 0)
    # Of images with noise there can be fewer, too.
    chosen_noise = chosen[: len(noisy)]
    noisy, under_attack = noisy[: len(chosen)][chosen_noise], wrong[: chosen_noise.sum()]
    noise_counts = (len(noisy), noisy.sum(), (under_attack & ~noisy).sum(), (noisy & ~under_attack).sum())
    return counts | dict(zip(COUNTS[4:], noise_counts, strict=True))


def count(outcomes, cells, noises, selections):
    """Counts of many cells.

    Args:
        cells: (source, attack, budget, answer), as of `Outcomes.attacked`.
        noises: name of the noise by attack, whose norm and budgets are the attack's; attacks without one are not
            compared with noise.
        selections: by name, a function of the way of answering that chooses images, (m,) bool.

    Returns:
        DataFrame with the columns of `CELL`, images (the selection's name) and `COUNTS`.
    """
    rows = []
    for cell in cells:
        for name, choose in selections.items():
            counts = count_cell(outcomes, cell, noises.get(cell[1]), choose(cell[3]))
            rows.append({**dict(zip(CELL, cell, strict=True)), "images": name, **counts})
    return pd.DataFrame(rows, columns=[*CELL, "images", *COUNTS])


def summarise(counts, keys):
    """Estimates over seeds from rows of `count` with further columns, among them seed.

    Args: keys, the columns that name a cell.

    Returns: DataFrame in long form, with ``quantity``: ``error``; ``minus_clean``, the paired difference to the same
    images clean; and ``minus_noise``, that to the same images with noise of the same size, where there is such noise.
    ``seeds_below_0.05``: in how many seeds an exact McNemar test of the difference gives p < 0.05.
    """
    return estimates_by(keys, counts[counts["n"] > 0], _quantities, sort=True)


def _quantities(seeds):
    yield {"quantity": "error", **vars(share_over_seeds(seeds["wrong"], seeds["n"]))}
    yield {"quantity": "minus_clean", **_difference(seeds["only_wrong"], seeds["only_clean"], seeds["n"])}
    noisy = seeds[seeds["n_noise"] > 0]
    if len(noisy) and seeds["source"].iloc[0] != NO_SOURCE:
        yield {
            "quantity": "minus_noise",
            **_difference(noisy["only_attack"], noisy["only_noise"], noisy["n_noise"]),
        }


def _difference(first, second, n):
    estimate = difference_over_seeds(first, second, n)
    significant = sum(mcnemar(a, b) < 0.05 for a, b in zip(first, second, strict=True))
    return {**vars(estimate), "seeds_below_0.05": significant}


def net_share(counts):
    """Share wrong under attack less that under noise, one per row of `count`: what the attack, and not the size of the
    change, does.
    """
    return counts["only_attack"].sub(counts["only_noise"]).div(counts["n_noise"].where(counts["n_noise"] > 0, np.nan))
