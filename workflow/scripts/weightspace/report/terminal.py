"""The claims as the terminal says them: one of them with its answer, or all of them, a line each."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from weightspace.estimates import NONE
from weightspace.report.answers import answer, headline
from weightspace.report.decisions import OUTSIDE
from weightspace.report.restructured_text import number, with_interval


def plain(text: str) -> str:
    """reStructuredText of an answer as the terminal shows it.

    >>> plain("**12.0 %** of 10\\\\ :sup:`−4.1`")
    '12.0 % of 10^−4.1'
    """
    return re.sub(r"\\ :sup:`([^`]*)`", r"^\1", text).replace("**", "")


def answer_in_full(name: str, entry: Mapping[str, Any], rows: Sequence[Any], words: Mapping[str, Any] | None) -> str:
    """One claim: its word, the question and the sentences of the report, and of every deciding part the number, its
    interval and its bar. Arguments as `answers.answer`.
    """
    question, sentences = answer(name, entry, rows, words)
    lines = [f"{name}: {headline(rows)[0]}", question, plain(sentences)]
    lines += [_deciding(row) for row in rows if row.decides]
    left_out = [row.part for row in rows if not row.decides and row.adjusted_word == OUTSIDE]
    if left_out:
        lines.append(f"  Decide nothing, and need more than was measured here: {', '.join(left_out)}.")
    return "\n".join(lines)


def _deciding(row):
    if math.isnan(row.estimate):
        return f"  {row.part}: {row.adjusted_word}"
    # The word is read from an interval that is wider than 95 %, so that those of all claims hold together.
    wider = row.interval != NONE and (row.adjusted_low, row.adjusted_high) != (row.low, row.high)
    together = f", together with all claims' [{number(row.adjusted_low)}, {number(row.adjusted_high)}]" if wider else ""
    result = f"{with_interval(row, number)}{together}, n = {int(row.n):,}, {int(row.seeds)} seeds"
    return f"  {row.part}: {row.adjusted_word}; {row.statistic}: {result}; supported if: {row.rule}"


def lines(claims: pd.DataFrame) -> str:
    """All claims of the table `claims`, a line each: the word and the numbers of the parts that decide."""
    found = [(claim, list(rows.itertuples())) for claim, rows in claims.groupby("claim", sort=False)]
    words = [headline(rows)[0] for _, rows in found]
    width = max(map(len, words), default=0)
    return "\n".join(
        f"{claim:<4} {word:<{width}}  {_numbers(rows)}" for (claim, rows), word in zip(found, words, strict=True)
    )


def _numbers(rows: Sequence[Any]) -> str:
    measured = [row for row in rows if row.decides and not math.isnan(row.estimate)]
    return "; ".join(f"{row.part} {with_interval(row, number)}" for row in measured)
