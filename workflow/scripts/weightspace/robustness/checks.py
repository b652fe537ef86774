"""Checks that an evaluation under attack can be trusted (Athalye et al. 2018; Carlini et al. 2019; Tramèr et al. 2020).

Each check is a row: ``check``, ``subject`` (which model, attack, budget), ``value`` and what is ``expected`` of it,
``n`` images, ``p``, the one-sided probability of so large a reversal by chance, ``verdict`` and a ``sentence``. An
inequality fails only if it is reversed at p < 0.001; a reversal that chance can explain is a warning. Rows of several
topics are put together by the rule check_attacks, which fails where a row has.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool
from scipy import special

Row = dict[str, Any]  # see `COLUMNS`
PASSED, WARNING, FAILED = "passed", "warning", "failed"
SURE = 0.001
COLUMNS = ["check", "subject", "value", "expected", "n", "p", "verdict", "sentence"]
# A model that gives all images one answer errs on those of all other classes, a little less where the classes are
# uneven: at least on so large a part of that share.
_ONE_ANSWER = 8 / 9


def row(
    check: str,
    subject: str,
    value: float,
    expected: str,
    *,
    n: int,
    verdict: str,
    sentence: str,
    p: float = np.nan,
) -> Row:
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


def reversal(for_it: int, against_it: int) -> float:
    """One-sided exact p-value of ``against_it`` or more of the discordant images speaking against an inequality
    (binomial, one half).
    """
    discordant = for_it + against_it
    return float(special.bdtrc(against_it - 1, discordant, 0.5)) if against_it else 1.0


def gives_one_answer(error: float, classes: int) -> bool:
    """Whether a model errs on so many clean images, a share, as one that has the same answer for nearly all."""
    return error >= _ONE_ANSWER * (1 - 1 / classes)


def at_least(
    check: str,
    subject: str,
    stronger: Bool[np.ndarray, "M"],
    weaker: Bool[np.ndarray, "M"],
    *,
    names: tuple[str, str],
    tolerance: float = 0.0,
) -> Row:
    """A row on whether the stronger attack misleads at least as many of the same images as the weaker one.

    Args: stronger, weaker, misled or not; names of both for the sentence; ``tolerance``, a share of images by which the
    weaker may win.
    """
    n = len(stronger)
    more, fewer = int((stronger & ~weaker).sum()), int((weaker & ~stronger).sum())
    gain = (more - fewer) / n if n else 0.0
    p = reversal(more + int(tolerance * n), fewer)
    verdict = PASSED if gain >= -tolerance else FAILED if p < SURE else WARNING
    shares = [outcome.mean() if n else 0.0 for outcome in (stronger, weaker)]
    sentence = f"{subject}: of {n} images, {names[0]} misleads {shares[0]:.3f}, {names[1]} {shares[1]:.3f}"
    return row(check, subject, gain, f"at least {0 - tolerance:g}", n=n, p=p, verdict=verdict, sentence=sentence)


def bounded(
    check: str,
    subject: str,
    value: float,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    n: int,
    what: str,
    warn: tuple[float, float] | None = None,
) -> Row:
    """A row on whether a number lies within bounds; outside ``warn`` (low, high), but within the bounds, is a
    warning.
    """
    inside = low <= value <= high
    careful = warn is None or warn[0] <= value <= warn[1]
    expected = (
        f"at most {high:g}" if low == -np.inf else f"at least {low:g}" if high == np.inf else f"{low:g} to {high:g}"
    )
    verdict = (PASSED if careful else WARNING) if inside else FAILED
    sentence = f"{subject}: {what} is {value:.3g}, expected {expected}"
    return row(check, subject, float(value), expected, n=n, verdict=verdict, sentence=sentence)


def worst(rows: Iterable[Row] | pd.DataFrame) -> pd.DataFrame:
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


def judge(table: pd.DataFrame) -> None:
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
