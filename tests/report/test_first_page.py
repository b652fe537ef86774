"""The report's first page."""

import re

import pandas as pd
from shipped_claims import MEASURED, RULES, WAITING, WORDS, decided

from weightspace.report.first_page import first_page


def test_the_first_page_has_a_question_a_word_and_links_for_every_claim():
    claims = decided()
    order = claims.part.tolist()
    shown = {"network": "a", "attack": "pgd", "budget": 0.3}
    settings = shown | {"seeds": 10, "dataset": "mnist", "figures": ["purification"], "otherwise": ["basins is lower"]}
    columns = [*shown, "memory", "source", "readout", "quantity", "estimate", "low", "high", "few_probability"]
    page = first_page(claims, pd.DataFrame(columns=columns), settings, rules=RULES, words=WORDS, digest="abc")
    for claim, words in WORDS.items():
        assert f"\n{claim}. {words['question']}\n   :" in page
    assert set(re.findall(r"<(\w+)\.html_>`__", page)) == {part["table"] for part in MEASURED}
    assert set(re.findall(r"<(\w+)\.svg_>`__", page)) == {"purification"}
    assert f"Not measured in this run: {', '.join(sorted({'C1b', *WAITING}, key=order.index))}." in page
    assert "\n- basins is lower\n" in page
    for row in claims[claims.adjusted_word == "inconclusive"].itertuples():
        assert f"- {row.part}, {row.statistic}" in page
