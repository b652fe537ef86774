"""Errors of one model under attack, set beside its errors on the same images clean and with noise of the same size.

The unit is the image: whoever attacks is charged only with what clean images and noise do not explain.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool

from weightspace.estimates import difference_over_seeds, estimates_by, mcnemar, share_over_seeds

CLEAN, NO_SOURCE = "clean", "none"
CELL = ["source", "attack", "budget", "answer"]
COUNTS = ["n", "wrong", "only_wrong", "only_clean", "n_noise", "wrong_noise", "only_attack", "only_noise"]

Cell = tuple[str, str, float, str]  # see `CELL`
Choice = Callable[[str], Bool[np.ndarray, "m"]]  # from the way of answering to the images that are chosen


class PairedErrors:
    """Whether a model with one seed erred, by cell and test image.

    ``scores``: rows of `scoring.score_files`.
    """

    def __init__(self, scores: pd.DataFrame) -> None:
        scores = scores[scores["split"] == "test"]
        cells = pd.DataFrame(
            {
                "source": scores["network"].astype(str),
                "attack": scores["attack"].astype(str),
                "budget": scores["budget"],
                "answer": scores["answer"].astype(str),
                "rank": scores["rank"].to_numpy(),
                "wrong": (scores["predicted"] != scores["label"]).to_numpy(),
            }
        )
        self.wrong: dict[Any, Bool[np.ndarray, _]] = {
            cell: rows["wrong"].to_numpy()
            for cell, rows in cells.sort_values("rank", kind="stable").groupby(CELL, sort=True)
        }

    def clean(self, source: str, attack: str, answer: str) -> Bool[np.ndarray, "m"]:
        """Errors on the same images as of the source's attack, before it."""
        return self.wrong[source, attack, 0.0, answer]

    def right_when_clean(self, answer: str) -> Bool[np.ndarray, "m"]:
        """Which test images it gets right when clean, of the file with most of them."""
        candidates = [wrong for (_, _, budget, way), wrong in self.wrong.items() if budget == 0 and way == answer]
        return ~max(candidates, key=len)

    def attacked(self) -> list[Cell]:
        """Cells of attacked images, noise included."""
        return [cell for cell in self.wrong if cell[2] > 0]

    def answers(self) -> list[str]:
        return sorted({cell[3] for cell in self.wrong})


def count_cell(
    errors: PairedErrors, cell: Cell, noise: str | None, chosen: Bool[np.ndarray, "m"]
) -> dict[str, int | np.integer]:
    """Counts of one cell over the chosen images, of which fewer may have been attacked.

    ``noise`` names the noise that is compared with. Returns a dict of `COUNTS`; the counts of noise are 0 where there
    is none.
    """
    source, attack, budget, answer = cell
    wrong = errors.wrong[cell]
    chosen = chosen[: len(wrong)]
    clean, wrong = errors.clean(source, attack, answer)[chosen], wrong[chosen]
    counts = dict(zip(COUNTS, (len(wrong), wrong.sum(), *_discordant(wrong, clean)), strict=False))
    noisy = errors.wrong.get((NO_SOURCE, noise, budget, answer))
    if noisy is None:
        return counts | dict.fromkeys(COUNTS[4:], 0)
    # Of images with noise there can be fewer, too.
    chosen_noise = chosen[: len(noisy)]
    noisy, under_attack = noisy[: len(chosen)][chosen_noise], wrong[: chosen_noise.sum()]
    noise_counts = (len(noisy), noisy.sum(), *_discordant(under_attack, noisy))
    return counts | dict(zip(COUNTS[4:], noise_counts, strict=True))


def _discordant(first: Bool[np.ndarray, "m"], second: Bool[np.ndarray, "m"]) -> tuple[np.integer, np.integer]:
    """How many are true in the first alone, and in the second alone."""
    return (first & ~second).sum(), (second & ~first).sum()


def count(
    errors: PairedErrors, cells: Iterable[Cell], noises: Mapping[str, str | None], selections: Mapping[str, Choice]
) -> pd.DataFrame:
    """Counts of many cells.

    Args:
        cells: as of `PairedErrors.attacked`.
        noises: name of the noise by attack, whose norm and budgets are the attack's; attacks without one are not
            compared with noise.
        selections: by name, which images are chosen.

    Returns:
        DataFrame with the columns of `CELL`, images (the selection's name) and `COUNTS`.
    """
    rows = []
    for cell in cells:
        for name, choose in selections.items():
            counts = count_cell(errors, cell, noises.get(cell[1]), choose(cell[3]))
            rows.append({**dict(zip(CELL, cell, strict=True)), "images": name, **counts})
    return pd.DataFrame(rows, columns=[*CELL, "images", *COUNTS])


def summarise(counts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Estimates over seeds from rows of `count` with further columns, among them seed.

    Args: keys, the columns that name a cell.

    Returns: DataFrame in long form, with ``quantity``: ``error``; ``minus_clean``, the paired difference to the same
    images clean; and ``minus_noise``, that to the same images with noise of the same size, where there is such noise.
    ``seeds_below_0.05``: in how many seeds an exact McNemar test of the difference gives p < 0.05.
    """
    return estimates_by(keys, counts[counts["n"] > 0], _quantities, sort=True)


def _quantities(seeds: pd.DataFrame) -> Iterator[dict[str, Any]]:
    yield {"quantity": "error", **vars(share_over_seeds(seeds["wrong"], seeds["n"]))}
    yield {"quantity": "minus_clean", **_difference(seeds["only_wrong"], seeds["only_clean"], seeds["n"])}
    noisy = seeds[seeds["n_noise"] > 0]
    if len(noisy) and seeds["source"].iloc[0] != NO_SOURCE:
        difference = _difference(noisy["only_attack"], noisy["only_noise"], noisy["n_noise"])
        yield {"quantity": "minus_noise", **difference}


def _difference(first: pd.Series, second: pd.Series, n: pd.Series) -> dict[str, Any]:
    estimate = difference_over_seeds(first, second, n)
    significant = sum(mcnemar(a, b) < 0.05 for a, b in zip(first, second, strict=True))
    return {**vars(estimate), "seeds_below_0.05": significant}


def net_share(counts: pd.DataFrame) -> pd.Series:
    """Share wrong under attack less that under noise, one per row of `count`: what the attack, and not the size of the
    change, does.
    """
    return counts["only_attack"].sub(counts["only_noise"]).div(counts["n_noise"].where(counts["n_noise"] > 0, np.nan))
