"""The claims answered in words: a question, an overall verdict and sentences into which the claims table puts its numbers."""

import math
from dataclasses import dataclass

from weightspace.report.claims import INCONCLUSIVE, REFUTED, SUPPORTED

_DECIDED = (SUPPORTED, REFUTED, INCONCLUSIVE)


class AnswerError(ValueError):
    """The words of an answer do not fit its claim."""


@dataclass(frozen=True)
class Measured:
    """One part of a claim as a sentence names it: ``{C2}`` is its number, ``{C2.budget}`` a value of its cell.

    ``shown`` collects the (n, seeds) already said in the answer, so that they are said again only where they change.
    """

    row: object  # a row of the table `claims`
    unit: str
    where: dict
    shown: list

    def __getattr__(self, name):
        if name not in self.where:
            raise AnswerError(f"{self.row.part} has no {name!r} in its cell; it has {', '.join(self.where)}")
        return self.where[name]

    def __format__(self, _):
        if self.row.verdict not in _DECIDED:
            return "(not in this run)"
        counted = (int(self.row.n), int(self.row.seeds))
        known = bool(self.shown) and self.shown[-1] == counted
        self.shown.append(counted)
        return with_interval(self.row, self.unit, "" if known else f"; n = {counted[0]:,}, {counted[1]} {'seed' if counted[1] == 1 else 'seeds'}")


def with_interval(row, unit, counted=""):
    """An estimate and its interval as a reader says them, by their unit.

    Args:
        row: has ``estimate``, ``low`` and ``high``; unit: as in workflow/claims.yaml; counted: what else stands in the brackets.
    """
    estimate, low, high = (in_unit(value, unit) for value in (row.estimate, row.low, row.high))
    after = " %" if unit.startswith("share") else " points" if unit.startswith("difference") else ""
    number = estimate if ":sup:" in estimate else f"**{estimate}{after}**"  # reStructuredText cannot nest
    return f"{number} ({low} to {high}{counted})"


def in_unit(value, unit):
    """A number in the words of its unit: shares in percent, differences of shares in percentage points with a sign.

    >>> in_unit(0.98765, "share of images"), in_unit(-0.0213, "difference of shares"), in_unit(-0.0001, "difference of shares")
    ('98.8', '−2.1', '0.0')
    >>> in_unit(1.36e-16, "weight")
    '1.4e−16'
    """
    if math.isnan(value):
        return "unknown"
    if unit.startswith("share"):
        text = _percent(100 * value)
    elif unit.startswith("difference"):
        text = _signed(100 * value, 1)
    elif unit.startswith("log10"):
        text = f"10\\ :sup:`{value:.0f}`" if abs(value) >= 100 else f"10\\ :sup:`{value:.1f}`"
    elif unit in ("degrees", "exponent"):
        text = _signed(value, 2)
    else:
        text = f"{value:.2g}"
    return text.replace("-", "−")


def _signed(value, digits):
    """With a sign, but for what rounds to zero."""
    text = f"{value:+.{digits}f}"
    return text if text.strip("+-0.") else text[1:]


def _percent(value):
    if value in (0, 100):
        return f"{value:.0f}"
    # 99.97 must not read as 100, nor 0.03 as 0.
    digits = 1 if 0.05 <= value < 99.95 else 2 if 0.005 <= value < 99.995 else 4
    return f"{value:.{digits if 0 < value < 100 else 1}f}"


def overall(verdicts):
    """The verdict of a claim from those of its parts: ``(verdict of the first part that was decided, what the parts came to)``.

    >>> overall(["supported", "supported"]), overall(["supported", "refuted", "refuted"])
    (('supported', 'in both parts'), ('supported', 'in 1 of 3 parts, the first among them; 2 refuted'))
    """
    decided = [verdict for verdict in verdicts if verdict in _DECIDED]
    if not decided:
        return "", ""
    first, number = decided[0], len(decided)
    counts = {verdict: decided.count(verdict) for verdict in _DECIDED if verdict in decided}
    if number == 1:
        return first, ""
    if len(counts) == 1:
        return first, "in both parts" if number == 2 else f"in all {number} parts"
    others = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if verdict != first)
    return first, f"in {counts[first]} of {number} parts, the first among them; {others}"


def answer(name, entry, rows, words):
    """``(question, sentences)`` of one claim.

    Args:
        name: the claim's id; entry: its entry in workflow/claims.yaml; rows: its parts in the table `claims`.
        words: its entry in workflow/answers.yaml, or None.

    Raises: AnswerError where the words name a part that the claim does not have.
    """
    parts, shown = {part["id"]: part for part in entry["parts"]}, []
    measured = {row.part: Measured(row, parts[row.part]["unit"], parts[row.part]["where"], shown) for row in rows if row.part in parts}
    words = words or {"question": entry["claim"], "answer": [f"{part['statistic']}: {{{part['id']}}}." for part in entry["parts"]]}
    try:
        return words["question"], " ".join(sentence.format_map(measured) for sentence in words["answer"])
    except KeyError as error:
        raise AnswerError(f"the answer to {name} names {error}, which is none of its parts: {', '.join(parts)}") from error
