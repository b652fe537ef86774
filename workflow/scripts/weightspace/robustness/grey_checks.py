"""Checks of attacks on grey images: of the images themselves, and of networks' answers to them.

See `checks` for what a check is.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64

from weightspace.attacks.adversarial_files import SIZES, AdversarialImages, origin
from weightspace.attacks.grey_methods import MINIMAL
from weightspace.data import WHITE, levels
from weightspace.files import seed_of
from weightspace.robustness.checks import FAILED, PASSED, Row, at_least, bounded, row
from weightspace.robustness.paired_errors import NO_SOURCE, PairedErrors
from weightspace.robustness.scoring import read_scores

Definitions = Mapping[str, Mapping[str, Any]]  # of attacks, by name
# From (source, attack, budget) to (S, M), an image of a seed: 1 misled, 0 not, NaN where it was not attacked so or is
# wrong when clean.
Misled = Mapping[tuple[str, str, float], Float64[np.ndarray, "_ _"]]
_WORDS = ["network", "attack", "answer", "split"]  # columns of scores
# The same of the attacks on the network itself, by (attack, budget).
OwnMisled = Mapping[tuple[str, float], Float64[np.ndarray, "_ _"]]


# --- images
# ---------------------------------------------------------------------------------------


def check_image_files(paths: Iterable[str | Path], attacks: Definitions) -> list[Row]:
    """`check_images` of files, each of which is checked image by image as it is read."""
    minimal = [name for name, definition in attacks.items() if definition["method"] in MINIMAL]
    return check_images(((*origin(path), AdversarialImages.read(path)) for path in paths), minimal=minimal)


def check_images(files: Iterable[tuple[str, str, AdversarialImages]], *, minimal: Sequence[str]) -> list[Row]:
    """Rows on files of attacked images: every image keeps domain, norm and budget, and attacks use the budgets that
    they are given.

    An attack that stops at the first success leaves most of a large budget unused, and one that clamps its images or
    its budget does so, too: neither may be transferred or compared with noise of the size that it claims.

    Args:
        files: (attack, source, images).
        minimal: names of attacks whose images may stay below the budget.
    """
    rows, images = [], 0
    for attack, source, file in files:
        images += file.adversarial.shape[0] * file.adversarial.shape[1]
        if attack in minimal or file.domain != "grey":
            continue
        for attacked, budget in zip(file.adversarial, file.budget, strict=True):
            used = np.median(SIZES[file.norm](attacked.astype(np.int16) - file.clean)) / budget
            subject, what = f"{attack} on {source}, budget {budget:g}", "the median share of the budget used"
            low = min(0.9, usable(budget, file.norm, attacked.shape[1]))
            rows.append(bounded("budget used in full", subject, used, low=low, n=len(attacked), what=what))
    sentence = f"all {images} attacked images were checked"
    check, subject = "images within domain, norm and budget", "all files"
    return [row(check, subject, 1.0, "1", n=images, verdict=PASSED, sentence=sentence), *rows]


def usable(budget: float, norm: str, pixels: int) -> float:
    """The share of a budget that changes by whole grey levels can use: of 0.0078, which is 1.99 of 255 levels, one
    (linf); of a length, what is left where every pixel is rounded by half a level (l2).
    """
    scale = budget * WHITE
    return levels(budget) / scale - 1e-9 if norm == "linf" else 1 - math.sqrt(pixels) / 2 / scale


# --- scores
# ---------------------------------------------------------------------------------------


def check_score_files(paths: Iterable[str | Path], attacks: Definitions) -> list[Row]:
    """`check_network` of every network, from its score files, ``{network}/seed{seed}.npz``: of the images made against
    it, and of those that were transferred from all others.
    """
    files: dict[tuple[str, int], list[Path]] = {}
    for path in map(Path, paths):
        files.setdefault((path.parent.name, seed_of(path)), []).append(path)
    by_network: dict[str, list[PairedErrors]] = {}
    for (network, _), same in files.items():
        # What is transferred was made against the network too, so that both files hold the answers to it.
        scores = pd.concat([read_scores(path).astype(dict.fromkeys(_WORDS, str)) for path in same])
        by_network.setdefault(network, []).append(PairedErrors(scores.drop_duplicates([*_WORDS, "rank", "budget"])))
    rows = []
    for network, errors in by_network.items():
        rows += check_network(network, pooled(errors), attacks, others=[name for name in by_network if name != network])
    return rows


def pooled(
    errors: Sequence[PairedErrors], *, answer: str = "grey"
) -> dict[tuple[str, str, float], Float64[np.ndarray, "_ _"]]:
    """One model's errors of all S seeds side by side, see `Misled`."""
    size = max(len(seed.right_when_clean(answer)) for seed in errors)
    found: dict[tuple[str, str, float], np.ndarray] = {}
    for place, seed in enumerate(errors):
        right = seed.right_when_clean(answer)
        for source, attack, budget, way in seed.attacked():
            if way == answer:
                wrong = seed.wrong[source, attack, budget, way]
                table = found.setdefault((source, attack, budget), np.full((len(errors), size), np.nan))
                table[place, : len(wrong)] = np.where(right[: len(wrong)], wrong, np.nan)
    return found


def check_network(network: str, misled: Misled, attacks: Definitions, *, others: Sequence[str]) -> list[Row]:
    """Rows on one network's answers under attack; ``others`` are those whose images were transferred to it."""
    own = {(attack, budget): found for (source, attack, budget), found in misled.items() if source == network}
    return [
        *_grow_with_the_budget(network, own),
        *_iterative_beats_one_step(network, own, attacks),
        *_gradients_are_not_masked(network, own, attacks),
        *_transfer_lies_between(network, misled, attacks, others),
    ]


def _grow_with_the_budget(network: str, own: OwnMisled) -> Iterator[Row]:
    for attack in dict.fromkeys(name for name, _ in own):
        budgets = sorted(budget for name, budget in own if name == attack)
        for less, more in pairwise(budgets):
            pair = _common(own[attack, more], own[attack, less])
            names = (f"{attack} at {more:g}", f"at {less:g}")
            yield at_least("success grows with the budget", f"{network}, {attack}", *pair, names=names)


def _iterative_beats_one_step(network: str, own: OwnMisled, attacks: Definitions) -> Iterator[Row]:
    for (attack, budget), misled in own.items():
        single = _of_method("fgsm", attacks[attack]["norm"], attacks)
        if attacks[attack]["method"] in ("pgd", "apgd") and single is not None and (single, budget) in own:
            pair, subject = _common(misled, own[single, budget]), f"{network}, budget {budget:g}"
            yield at_least("iterative at least as strong as one step", subject, *pair, names=(attack, single))


def _gradients_are_not_masked(network: str, own: OwnMisled, attacks: Definitions) -> Iterator[Row]:
    """Attacks that see less of the model cannot do better than the best that see its gradients, else those are
    masked.
    """
    for kind in ("scores", "labels"):
        weaker = [(attack, budget) for attack, budget in own if attacks[attack]["knowledge"] == kind]
        verdict = PASSED if weaker else FAILED
        sentence = f"{network}: attacked by {len({attack for attack, _ in weaker})} attack(s) that see {kind} only"
        check, expected = f"an attack by {kind} alone", "at least 1"
        yield row(check, network, float(len(weaker)), expected, n=0, verdict=verdict, sentence=sentence)
        for attack, budget in weaker:
            gradients = [
                misled
                for (name, its_budget), misled in own.items()
                if its_budget == budget
                and attacks[name]["norm"] == attacks[attack]["norm"]
                and attacks[name]["knowledge"] == "gradients"
            ]
            if gradients:
                best = np.fmax.reduce(gradients)  # an image that an attack was not tried on does not count for it
                pair, subject = _common(best, own[attack, budget]), f"{network}, budget {budget:g}"
                names = ("the best attack by gradients", attack)
                yield at_least("gradients are not masked", subject, *pair, names=names)


def _transfer_lies_between(network: str, misled: Misled, attacks: Definitions, others: Sequence[str]) -> Iterator[Row]:
    """What was made on another network is no stronger than what was made on this one, and no weaker than noise."""
    for (source, attack, budget), found in misled.items():
        if source not in others:
            continue
        subject = f"{network}, budget {budget:g}"
        if (network, attack, budget) in misled:
            pair, names = _common(misled[network, attack, budget], found), (f"{attack} on it", f"on {source}")
            yield at_least("white box at least as strong as transfer", subject, *pair, names=names)
        noise = _of_method("noise", attacks[attack]["norm"], attacks)
        if noise is not None and (NO_SOURCE, noise, budget) in misled:
            pair, names = _common(found, misled[NO_SOURCE, noise, budget]), (f"{attack} on {source}", "noise")
            yield at_least("transfer between networks at least as strong as noise", subject, *pair, names=names)


def _of_method(method: str, norm: str, attacks: Definitions) -> str | None:
    """The first attack of a method within a norm."""
    return next((name for name, one in attacks.items() if (one["method"], one["norm"]) == (method, norm)), None)


def _common(
    first: Float64[np.ndarray, "S M"], second: Float64[np.ndarray, "S M"]
) -> tuple[Bool[np.ndarray, "n"], Bool[np.ndarray, "n"]]:
    """Both outcomes, as booleans, of the images that both have."""
    both = np.isfinite(first) & np.isfinite(second)
    return first[both] == 1, second[both] == 1
