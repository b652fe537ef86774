"""How a part of a claim is decided: its kind, the words that it can get, and the interval from which they are read.

The rules are written down before a run in workflow/claims.yaml. A part's word comes from an interval
and never from an estimate alone; the exception is a universal statement, which one counterexample refutes.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from scipy import special

from weightspace.estimates import CLOPPER_PEARSON, CONFIDENCE, EQUAL_SEEDS, T, clopper_pearson

SUPPORTED, REFUTED, INCONCLUSIVE = "supported", "refuted", "inconclusive"
NEGLIGIBLE, REVERSED = "negligible", "reversed"
MIXED, DEFINED, EXPLORED = "mixed", "true by definition", "exploratory"
UNMEASURED, OUTSIDE, UNDECIDED = "not yet measured", "not in this run", "not decided"
CONTRARY = (REFUTED, NEGLIGIBLE, REVERSED)
DECIDED = (SUPPORTED, *CONTRARY, INCONCLUSIVE)
# Kinds whose word is read from an interval, and which so belong to the family of intervals.
WITH_INTERVAL = ("share", "different", "equal")

Decision = Mapping[str, Any]
_ALIKE = {"interval": EQUAL_SEEDS, "n": 1}


def word(decision: Decision, estimate: float, low: float, high: float) -> str:
    """The word of a part by its decision.

    - ``universal``: all cases hold, ``at_most`` or ``at_least`` a number; the estimate is that of the worst case.
    - ``share``: the interval lies wholly ``above`` or ``below`` a bar; refuted wholly on the other side.
    - ``range``: wholly inside ``low`` ... ``high``; refuted wholly outside. For reproductions.
    - ``different``: wholly beyond ``margin`` as claimed, ``above`` or ``below`` 0; *reversed* wholly beyond it the
      other way; *negligible* wholly within it.
    - ``equal``: wholly within ``margin`` of 0; refuted wholly beyond it on one side.
    - ``definition``: true, as far as the numbers add up: wholly inside ``low`` ... ``high``.

    Otherwise inconclusive. ``exploratory`` is worded like ``different`` and never decides a claim.
    """
    if math.isnan(estimate):
        return INCONCLUSIVE
    match decision["kind"]:
        case "universal":
            holds = estimate <= decision["at_most"] if "at_most" in decision else estimate >= decision["at_least"]
            return SUPPORTED if holds else REFUTED
        case "share":
            return _beyond(decision["side"], decision["bar"], low, high, contrary=REFUTED)
        case "range" | "definition":
            if decision["low"] <= low and high <= decision["high"]:
                return SUPPORTED
            return REFUTED if high < decision["low"] or low > decision["high"] else INCONCLUSIVE
        case "different" | "exploratory":
            margin = decision["margin"]
            if -margin < low and high < margin:
                return NEGLIGIBLE
            claimed, other = (low, -high) if decision["side"] == "above" else (-high, low)
            return SUPPORTED if claimed > margin else REVERSED if other > margin else INCONCLUSIVE
        case "equal":
            margin = decision["margin"]
            if -margin < low and high < margin:
                return SUPPORTED
            return REFUTED if low > margin or high < -margin else INCONCLUSIVE
    raise ValueError(f"a part's kind is {decision['kind']!r}; allowed: universal, share, range, different, equal, ...")


def _beyond(side: str, bar: float, low: float, high: float, *, contrary: str) -> str:
    if side == "above":
        return SUPPORTED if low > bar else contrary if high < bar else INCONCLUSIVE
    return SUPPORTED if high < bar else contrary if low > bar else INCONCLUSIVE


def in_words(decision: Decision) -> str:
    """A decision as a reader would say it."""
    match decision["kind"]:
        case "universal" if "at_most" in decision:
            return f"every case at most {decision['at_most']:g}"
        case "universal":
            return f"every case at least {decision['at_least']:g}"
        case "share":
            return f"interval {decision['side']} {decision['bar']:g}"
        case "range" | "definition":
            return f"interval within [{decision['low']:g}, {decision['high']:g}]"
        case "different" | "exploratory":
            sign = "" if decision["side"] == "above" else "−"
            return f"interval {decision['side']} {sign}{decision['margin']:g}"
        case _:
            return f"interval within ±{decision['margin']:g}"


def adjusted(row: Any, confidence: float) -> tuple[float, float]:
    """The interval of a row of a table at another confidence than its own 95 %.

    Args: row, with ``estimate``, ``low``, ``high``, ``n``, ``seeds`` and ``interval``, how its interval was made
    (`estimates.Estimate`): ``t`` over seeds and ``clopper-pearson`` over n are made anew, all others stay.

    A t-interval that was cut at a bound on one side is as wide as its other side says.
    """
    if row["interval"] == CLOPPER_PEARSON:
        return clopper_pearson(round(float(row.estimate) * int(row.n)), int(row.n), confidence=confidence)
    if row["interval"] != T or int(row.seeds) < 2:
        return float(row.low), float(row.high)
    freedom = int(row.seeds) - 1
    wider = special.stdtrit(freedom, (1 + confidence) / 2) / special.stdtrit(freedom, (1 + CONFIDENCE) / 2)
    below, above = row.estimate - row.low, row.high - row.estimate
    half = wider * max(below, above)
    # What was cut stays cut: a share does not leave 0 ... 1. Tables hold six digits, so no side is quite the other.
    rounding = 2e-5 * max(abs(row.estimate), abs(row.low), abs(row.high))
    low = row.low if below < above - rounding else row.estimate - half
    high = row.high if above < below - rounding else row.estimate + half
    return float(low), float(high)


def over_seeds(row: Any) -> bool:
    """Whether a row's interval has the seed as its unit: Student's over seeds, all seeds equal, or Clopper–Pearson of
    the share of seeds. One of images pooled over seeds would be narrower than what further seeds would show.
    """
    pooled = row["interval"] == CLOPPER_PEARSON and int(row.n) != int(row.seeds)
    return row["interval"] in (T, EQUAL_SEEDS, CLOPPER_PEARSON) and not pooled


def row_word(row: Any, decision: Decision, *, confidence: float = CONFIDENCE) -> tuple[str, float, float]:
    """The word of a row of a table by a decision, and the interval from which it is read.

    Where all seeds have one value there is no spread to make an interval of. Then each seed either is beyond the bar or
    is not, and the word stands if so many seeds show that most are: Clopper–Pearson above one half.
    """
    if row["interval"] == EQUAL_SEEDS and decision["kind"] in WITH_INTERVAL:
        value = float(row.estimate)
        plain = word(decision, value, value, value)
        enough = clopper_pearson(int(row.seeds), int(row.seeds), confidence=confidence)[0] > 0.5
        return plain if enough else INCONCLUSIVE, float(row.low), float(row.high)
    low, high = (row.low, row.high) if confidence == CONFIDENCE else adjusted(row, confidence)
    return word(decision, row.estimate, low, high), float(low), float(high)


def family_confidence(members: int) -> float:
    """Confidence of each of ``members`` intervals, of which all hold together with 95 % at least (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / members


def claim_word(words: Iterable[str], *, by_definition: bool = False) -> str:
    """The one word for a claim, of the words of its deciding parts.

    *supported* if all are; *refuted*, with the reason where it is not a plain refutation, if all have contrary words;
    *mixed* if some are supported and some contrary; *inconclusive* otherwise. Without a part that was measured it is
    what its parts are.

    >>> claim_word(["supported", "supported"]), claim_word(["supported", "negligible"]), claim_word(["reversed"])
    ('supported', 'mixed', 'refuted (reversed)')
    >>> claim_word(["supported", "inconclusive"]), claim_word(["supported", "not yet measured"])
    ('inconclusive', 'inconclusive')
    """
    found = list(words)
    if not any(one in DECIDED for one in found):
        return found[0] if found else UNMEASURED
    if SUPPORTED in found and any(one in CONTRARY for one in found):
        return MIXED
    if all(one == SUPPORTED for one in found):
        return DEFINED if by_definition else SUPPORTED
    if all(one in CONTRARY for one in found):
        reasons = [one for one in dict.fromkeys(found) if one != REFUTED]
        return REFUTED if not reasons or REFUTED in found else f"{REFUTED} ({' and '.join(reasons)})"
    return INCONCLUSIVE


def reachable(decision: Decision, *, seeds: int, best: float, worst: float, confidence: float) -> tuple[str, str]:
    """The words that a part gets from the best and from the worst possible data, in which all seeds have one value."""
    rows = (
        pd.Series({**_ALIKE, "estimate": value, "low": value, "high": value, "seeds": seeds}) for value in (best, worst)
    )
    good, bad = (row_word(row, decision, confidence=confidence)[0] for row in rows)
    return good, bad
