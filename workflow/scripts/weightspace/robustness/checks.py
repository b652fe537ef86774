"""Checks that an evaluation under attack can be trusted (Athalye et al. 2018; Carlini et al. 2019; Tramèr et al. 2020).

Each check is a row: ``check``, ``subject`` (which model, attack, budget), ``value`` and what is ``expected`` of it,
``n`` images, ``p``, the one-sided probability of so large a reversal by chance, ``verdict`` and a ``sentence``. An
inequality fails only if it is reversed at p < 0.001; a reversal that chance can explain is a warning. Rows of several
topics are put together by the rule check_attacks, which fails where a row has.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import special

from weightspace.attacks.adversarial_files import SIZES

PASSED, WARNING, FAILED = "passed", "warning", "failed"
SURE = 0.001
COLUMNS = ["check", "subject", "value", "expected", "n", "p", "verdict", "sentence"]


def row(check, subject, value, expected, *, n, verdict, sentence, p=np.nan):
    return {
        "check": check,
        "subject": subject,
        "value": value,
        "expected": expected,
        "n": n,
        "p": p,
        "verdict": verdict,
        "sentence": sentence,
    }


def reversal(for_it, against_it):
    """One-sided exact p-value of ``against_it`` or more of the discordant images speaking against an inequality
    (binomial, one half).
    """
    discordant = for_it + against_it
    return float(special.bdtrc(against_it - 1, discordant, 0.5)) if against_it else 1.0


def at_least(check, subject, stronger, weaker, *, names, tolerance=0.0):
    """A row on whether the stronger attack misleads at least as many of the same images as the weaker one.

    Args: stronger, weaker (m,) bool, misled or not; names of both for the sentence; ``tolerance``, a share of images by
    which the weaker may win.
    """
    n = len(stronger)
    more, fewer = int((stronger & ~weaker).sum()), int((weaker & ~stronger).sum())
    gain = (more - fewer) / n if n else 0.0
    p = reversal(more + int(tolerance * n), fewer)
    verdict = PASSED if gain >= -tolerance else FAILED if p < SURE else WARNING
    shares = [outcome.mean() if n else 0.0 for outcome in (stronger, weaker)]
    sentence = f"{subject}: of {n} images, {names[0]} misleads {shares[0]:.3f}, {names[1]} {shares[1]:.3f}"
    return row(check, subject, gain, f"at least {0 - tolerance:g}", n=n, p=p, verdict=verdict, sentence=sentence)


def bounded(check, subject, value, *, low=-np.inf, high=np.inf, n, what, warn=None):
    """A row on whether a number lies within bounds; outside ``warn`` (low, high), but within the bounds, is a
    warning.
    """
    inside = low <= value <= high
    careful = warn is None or warn[0] <= value <= warn[1]
    expected = (
        f"at most {high:g}" if low == -np.inf else f"at least {low:g}" if high == np.inf else f"{low:g} to {high:g}"
    )
    verdict = (PASSED if careful else WARNING) if inside else FAILED
    return row(
        check,
        subject,
        float(value),
        expected,
        n=n,
        verdict=verdict,
        sentence=f"{subject}: {what} is {value:.3g}, expected {expected}",
    )


def worst(rows):
    """One row of each group of equal check: all that warn or fail, and of those that pass the closest call, with how
    many passed.
    """
    frame = pd.DataFrame(rows, columns=COLUMNS)
    kept = []
    for _, group in frame.groupby("check", sort=False):
        kept.append(group[group["verdict"] != PASSED])
        passed = group[group["verdict"] == PASSED].sort_values("value", kind="stable").head(1)
        number = int((group["verdict"] == PASSED).sum())
        kept.append(
            passed.assign(sentence=[f"{sentence}; closest of {number} that passed" for sentence in passed["sentence"]])
        )
    return pd.concat(kept, ignore_index=True)


def judge(table):
    """Raise where a check failed.

    Raises:
        AttackCheckError: with the sentences of the failed checks.
    """
    failed = table[table["verdict"] == FAILED]
    if len(failed):
        shown = "; ".join(failed["sentence"].head(3))
        raise AttackCheckError(f"{len(failed)} of {len(table)} checks of the attacks failed: {shown}")


class AttackCheckError(ValueError):
    """An attack is not what it says it is; the message names the checks that failed."""


# --- images
# ---------------------------------------------------------------------------------------


def check_images(files, *, minimal):
    """Rows on files of attacked images: every image keeps domain, norm and budget, and attacks use the budgets that
    they are given.

    An attack that stops at the first success leaves most of a large budget unused, and one that clamps its images or
    its budget does so, too: neither may be transferred or compared with noise of the size that it claims.

    Args:
        files: (attack, source, `adversarial_files.AdversarialImages`), which were checked image by image as they were
            read.
        minimal: names of attacks whose images may stay below the budget.
    """
    rows, images = [], 0
    for attack, source, file in files:
        images += file.adversarial.shape[0] * file.adversarial.shape[1]
        if attack in minimal or file.domain != "grey":
            continue
        for attacked, budget in zip(file.adversarial, file.budget, strict=True):
            used = np.median(SIZES[file.norm](attacked.astype(np.int16) - file.clean)) / budget
            subject = f"{attack} on {source}, budget {budget:g}"
            rows.append(
                bounded(
                    "budget used in full",
                    subject,
                    used,
                    low=0.9,
                    n=len(attacked),
                    what="the median share of the budget used",
                )
            )
    head = row(
        "images within domain, norm and budget",
        "all files",
        1.0,
        "1",
        n=images,
        verdict=PASSED,
        sentence=f"all {images} attacked images were checked",
    )
    return [head, *rows]


# --- scores
# ---------------------------------------------------------------------------------------


def pooled(outcomes, *, answer="grey"):
    """One model's outcomes of all seeds side by side, of images that it gets right when clean.

    Args: outcomes, `paired_outcomes.Outcomes` of each seed. Returns: from (source, attack, budget) to (S, M) float64: 1
    misled, 0 not, NaN where that image was not attacked so, or is wrong when clean.
    """
    size = max(len(seed.right_when_clean(answer)) for seed in outcomes)
    found = {}
    for place, seed in enumerate(outcomes):
        right = seed.right_when_clean(answer)
        for source, attack, budget, way in seed.attacked():
            if way == answer:
                wrong = seed.wrong[source, attack, budget, way]
                table = found.setdefault((source, attack, budget), np.full((len(outcomes), size), np.nan))
                table[place, : len(wrong)] = np.where(right[: len(wrong)], wrong, np.nan)
    return found


def check_scores(wrong, attacks, *, sources):
    """Rows on one network's per-image outcomes under attack.

    Args:
        wrong: see `pooled`.
        attacks: definitions by name.
        sources: ``target``, the network itself, and ``others``, those whose images were transferred to it.
    """
    target, rows = sources["target"], []
    own = {(attack, budget): outcome for (source, attack, budget), outcome in wrong.items() if source == target}
    rows += _monotone(target, own)
    rows += _iterative(target, own, attacks)
    rows += _knowledge(target, own, attacks)
    rows += _transfer(target, wrong, attacks, sources["others"])
    return rows


def _monotone(target, own):
    for attack in dict.fromkeys(name for name, _ in own):
        budgets = sorted(budget for name, budget in own if name == attack)
        for less, more in pairwise(budgets):
            names = (f"{attack} at {more:g}", f"at {less:g}")
            yield at_least(
                "success grows with the budget",
                f"{target}, {attack}",
                *_common(own[attack, more], own[attack, less]),
                names=names,
            )


def _iterative(target, own, attacks):
    for (attack, budget), outcome in own.items():
        single = next(
            (
                name
                for name in attacks
                if attacks[name]["method"] == "fgsm" and attacks[name]["norm"] == attacks[attack]["norm"]
            ),
            None,
        )
        if attacks[attack]["method"] in ("pgd", "apgd") and (single, budget) in own:
            names = (attack, single)
            yield at_least(
                "iterative at least as strong as one step",
                f"{target}, budget {budget:g}",
                *_common(outcome, own[single, budget]),
                names=names,
            )


def _knowledge(target, own, attacks):
    """Attacks that see less of the model cannot do better than the best that see its gradients, else those are
    masked.
    """
    for kind in ("scores", "labels"):
        weaker = [(attack, budget) for attack, budget in own if attacks[attack]["knowledge"] == kind]
        present = PASSED if weaker else FAILED
        sentence = f"{target}: attacked by {len({attack for attack, _ in weaker})} attack(s) that see {kind} only"
        yield row(
            f"an attack by {kind} alone", target, len(weaker), "at least 1", n=0, verdict=present, sentence=sentence
        )
        for attack, budget in weaker:
            norm = attacks[attack]["norm"]
            gradients = [
                own[key]
                for key in own
                if attacks[key[0]]["knowledge"] == "gradients" and attacks[key[0]]["norm"] == norm and key[1] == budget
            ]
            if gradients:
                best = np.fmax.reduce(
                    gradients
                )  # of images that the attack by less knowledge was not tried on, none counts
                names = ("the best attack by gradients", attack)
                yield at_least(
                    "gradients are not masked",
                    f"{target}, budget {budget:g}",
                    *_common(best, own[attack, budget]),
                    names=names,
                )


def _transfer(target, wrong, attacks, others):
    for (source, attack, budget), outcome in wrong.items():
        if source not in others:
            continue
        if (target, attack, budget) in wrong:
            names = (f"{attack} on it", f"on {source}")
            pair = _common(wrong[target, attack, budget], outcome)
            yield at_least(
                "white box at least as strong as transfer", f"{target}, budget {budget:g}", *pair, names=names
            )
        noise = next(
            (
                name
                for name in attacks
                if attacks[name]["method"] == "noise" and attacks[name]["norm"] == attacks[attack]["norm"]
            ),
            None,
        )
        if ("none", noise, budget) in wrong:
            names = (f"{attack} on {source}", "noise")
            pair = _common(outcome, wrong["none", noise, budget])
            yield at_least(
                "transfer between networks at least as strong as noise",
                f"{target}, budget {budget:g}",
                *pair,
                names=names,
            )


def _common(first, second):
    """Both outcomes, as booleans, of the images that both have."""
    both = np.isfinite(first) & np.isfinite(second)
    return first[both] == 1, second[both] == 1
