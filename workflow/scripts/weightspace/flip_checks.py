"""Checks of the binary attacks themselves, from their outcomes: a comparison of models says nothing where the attacks are weak.

Sources: Carlini et al., "On Evaluating Adversarial Robustness" (2019); Athalye et al. (2018); Tramèr et al. (2020). Each check is a row with a
verdict. An inequality between two success rates fails only if it is reversed at one-sided p < 0.001 (exact sign test on the images that differ,
the seeds together); reversed within chance, it leaves a warning.
"""

import pandas as pd
from scipy import special

from weightspace.flip_tables import BEST, RANDOM

PASSED, WARNING, FAILED = "passed", "warning", "failed"
LEVEL = 0.001
# A model that answers every image alike is right on a tenth of ten classes; a half more for uneven ones.
_ONE_ANSWER = 0.8


class AttackCheckError(ValueError):
    """A check of the attacks failed; the message is one sentence."""


def row(check, model, found, required, n, verdict, sentence):
    """One check as a dict: what was found, what was required, on how many images, and what it means in words."""
    return {"check": check, "model": model, "found": found, "required": required, "n": n, "verdict": verdict, "sentence": sentence}


def at_least(check, model, stronger, weaker, sentence):
    """Check that one attack misleads a model as often as another one, image by image.

    Args: stronger and weaker (S, F) bool, misclassified after each; ``sentence`` says what holds if it does not.
    """
    against, n = int((weaker & ~stronger).sum()), int((weaker ^ stronger).sum())
    # Of the images that differ, as many or more against the inequality under even chances.
    p = float(special.bdtrc(against - 1, n, 0.5)) if against else 1.0
    reversed_ = weaker.mean() > stronger.mean()
    verdict = FAILED if reversed_ and p < LEVEL else WARNING if reversed_ else PASSED
    found, required = f"{stronger.mean():.3f}", f"at least {weaker.mean():.3f}"
    return row(check, model, found, required, stronger.size, verdict, "" if verdict == PASSED else f"{sentence} (one-sided p = {p:.2g})")


def worst(rows):
    """The row of the gravest verdict, the first of equals: one line for many budgets."""
    return max(rows, key=lambda one: (PASSED, WARNING, FAILED).index(one["verdict"]))


def check_outcomes(outcomes, knowledge):
    """All checks of `flip_tables.Outcomes`; ``knowledge`` names what each attack knows. Returns: list of rows."""
    rows = [_kinds_of_attacks(knowledge)]
    for model in outcomes.models:
        rows += [_beats_noise(outcomes, model), _unbounded(outcomes, model)]
        rows += [check for check in (_beats_transfer(outcomes, model), _monotone(outcomes, model)) if check]
    return rows


def _kinds_of_attacks(knowledge):
    missing = [kind for kind in ("gradients", "scores", "labels") if kind not in knowledge.values()]
    sentence = f"no attack by {missing[0]} is run, so a model that hides from the others may look robust" if missing else ""
    verdict = FAILED if missing else PASSED
    return row("kinds of attacks", "all", ", ".join(sorted(set(knowledge.values()))), "gradients, labels, scores", len(knowledge), verdict, sentence)


def _beats_noise(outcomes, model):
    rows = []
    for budget in outcomes.budgets:
        best = outcomes.attacked(model, BEST, budget)
        noise = outcomes.attacked(model, RANDOM, budget)[:, : best.shape[1]]
        sentence = f"random flips mislead {model} more often than the best attack of {budget} flips"
        rows.append(at_least("attack ≥ random flips", model, best, noise, sentence))
    return worst(rows)


def _beats_transfer(outcomes, model):
    rows = []
    for source in outcomes.sources:
        for budget in outcomes.budgets:
            transferred = outcomes.transferred(model, source, budget)
            if source in (model, RANDOM) or transferred is None:
                continue
            best = outcomes.attacked(model, BEST, budget)
            count = min(best.shape[1], transferred.shape[1])
            sentence = f"patterns made for {source} mislead {model} more often than direct attacks of {budget} flips"
            rows.append(at_least("white-box ≥ transfer", model, best[:, :count], transferred[:, :count], sentence))
    return worst(rows) if rows else None


def _monotone(outcomes, model):
    rows = []
    for smaller, larger in zip(outcomes.budgets, outcomes.budgets[1:], strict=False):
        before, after = (outcomes.transferred(model, model, budget) for budget in (smaller, larger)) if model in outcomes.sources else (None, None)
        if before is not None:
            sentence = f"{larger} flips by gradients mislead {model} less often than {smaller}"
            rows.append(at_least("success rises with the budget", model, after, before, sentence))
    return worst(rows) if rows else None


def _unbounded(outcomes, model):
    """With all bits to flip, every image that the model gets right must be found an answer that is wrong."""
    flips = outcomes.flips(model, BEST)
    attacked, found = flips > 0, (flips > 0) & outcomes.succeeded(flips)
    share, clean = found.sum() / max(1, attacked.sum()), outcomes.wrong(model).mean()
    if share == 1 or not attacked.any():
        verdict, sentence = PASSED, ""
    elif not found.any() and clean >= _ONE_ANSWER:
        verdict, sentence = WARNING, f"no flips mislead {model}, which gives nearly all images one answer and errs on {clean:.2f} of them clean"
    else:
        verdict, sentence = FAILED, f"attacks on {model} without a bound find something for {share:.3f} of the images only, so they are broken"
    return row("unbounded attack reaches 100 %", model, f"{share:.3f}", "1", int(attacked.sum()), verdict, sentence)


def require(checks):
    """Raise AttackCheckError with the first failed check's sentence."""
    failed = checks[checks.verdict == FAILED]
    if len(failed):
        more = f"; {len(failed) - 1} more of the checks failed" if len(failed) > 1 else ""
        raise AttackCheckError(f"{failed.iloc[0].sentence}{more}")


def as_table(rows):
    return pd.DataFrame(rows, columns=["check", "model", "found", "required", "n", "verdict", "sentence"])
