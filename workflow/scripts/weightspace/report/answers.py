"""The claims answered in words: a question, the one word that it gets and sentences into which the claims table puts
its numbers.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weightspace.estimates import NONE
from weightspace.report.decisions import DECIDED, EXPLORED, claim_word
from weightspace.report.restructured_text import with_interval


class AnswerError(ValueError):
    """The words of an answer do not fit its claim."""


@dataclass(frozen=True)
class Measured:
    """One part of a claim as a sentence names it: ``{C2}`` is its number, ``{C2.budget}`` a value of its cell.

    ``shown`` collects the (n, seeds) already said in the answer, so that they are said again only where they change.
    """

    row: Any  # of the table `claims`
    unit: str
    where: Mapping[str, Any]
    shown: list[tuple[int, int]]

    def __getattr__(self, name: str) -> Any:
        if name not in self.where:
            raise AnswerError(f"{self.row.part} has no {name!r} in its cell; it has {', '.join(self.where)}")
        return self.where[name]

    def __format__(self, _: str) -> str:
        if math.isnan(self.row.estimate):
            return f"({self.row.word})"
        counted = (int(self.row.n), int(self.row.seeds))
        known = bool(self.shown) and self.shown[-1] == counted
        self.shown.append(counted)
        counts = "" if known else f"n = {counted[0]:,}, {counted[1]} {'seed' if counted[1] == 1 else 'seeds'}"
        after = " %" if self.unit.startswith("share") else " points" if self.unit.startswith("difference") else ""
        # reStructuredText cannot nest a power in bold.
        estimate = "{}" if self.unit.startswith("log10") else f"**{{}}{after}**"
        if self.row.interval == NONE:
            alone = estimate.format(in_unit(self.row.estimate, self.unit))
            return f"{alone} ({counts})" if counts else alone
        form = f"{estimate} ({{}} to {{}}{'; ' if counts else ''}{counts})"
        return with_interval(self.row, lambda value: in_unit(value, self.unit), form=form)


def in_unit(value: float, unit: str) -> str:
    """A number in the words of its unit: shares in percent, differences of shares in percentage points with a sign.

    >>> in_unit(0.98765, "share of images")
    '98.8'
    >>> in_unit(-0.0213, "difference of shares"), in_unit(-0.0001, "difference of shares")
    ('−2.1', '0.0')
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


def headline(rows: Iterable[Any]) -> tuple[str, str]:
    """``(one word, which parts it stands for)`` of a claim, of its parts in the table `claims`.

    The word is that of its deciding parts, each with its adjusted interval. A claim that is explored only has no word
    of supported or refuted, whatever its parts show.
    """
    rows = list(rows)
    deciding, further = ([row for row in rows if bool(row.decides) == decides] for decides in (True, False))
    words = {row.part: row.adjusted_word for row in deciding}
    plain = [word.partition(":")[0] for word in words.values()]
    word = claim_word(plain, by_definition=all(row.kind == "definition" for row in deciding))
    if word in DECIDED and all(row.kind == "exploratory" for row in deciding):
        word = EXPLORED
    said = [f"{_series([part for part in words if words[part] == one])} {one}" for one in dict.fromkeys(words.values())]
    if further:
        said.append(f"{len(further)} further {'part' if len(further) == 1 else 'parts'}")
    return word, "; ".join(said)


def _series(parts):
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def answer(
    name: str, entry: Mapping[str, Any], rows: Sequence[Any], words: Mapping[str, Any] | None
) -> tuple[str, str]:
    """``(question, sentences)`` of one claim.

    Args:
        name: the claim's id; entry: its entry in workflow/claims.yaml; rows: its parts in the table `claims`.
        words: its entry in workflow/answers.yaml, or None.

    Raises: AnswerError where the words name a part that the claim does not have.
    """
    parts = {part["id"]: part for part in entry["parts"]}
    shown: list[tuple[int, int]] = []
    measured = {
        row.part: Measured(row, parts[row.part]["unit"], parts[row.part].get("where", {}), shown)
        for row in rows
        if row.part in parts
    }
    words = words or {
        "question": entry["claim"],
        "answer": [f"{part['statistic']}: {{{part['id']}}}." for part in entry["parts"]],
    }
    try:
        return words["question"], " ".join(sentence.format_map(measured) for sentence in words["answer"])
    except KeyError as error:
        raise AnswerError(
            f"the answer to {name} names {error}, which is none of its parts: {', '.join(parts)}"
        ) from error
