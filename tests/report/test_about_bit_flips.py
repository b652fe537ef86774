"""The paragraph on attacks by flips holds the numbers of the tables."""

import pandas as pd
from docutils.core import publish_doctree
from flip_data import shown_tables

from weightspace.report.about_bit_flips import paragraph


def test_the_paragraph_holds_the_tables_numbers():
    table, _, transfer, _ = shown_tables()
    text = paragraph(table, transfer, network="victim", networks=["victim"], memories=["other"], controls=[], budget=4)
    assert (
        "Patterns made to mislead victim with at most 4 flipped bits do so for 1.000 [0.982, 1.000] of the images"
        in text
    )
    assert "they mislead memories for 1.000 of the images that both get right." in text
    assert "memories are misled by 4 flips for 1.000 of the images that they get right, networks for 1.000" in text
    rows = publish_doctree(text).findall(lambda node: node.tagname == "row")
    assert [len(row.children) for row in rows] == [6, 6, 6]


def test_the_paragraph_leaves_out_memories_that_give_one_answer():
    table, _, transfer, _ = shown_tables()
    alike = table[table.model == "other"].assign(model="hebbian_40", estimate=0.88)
    text = paragraph(
        pd.concat([table, alike]),
        transfer,
        network="victim",
        networks=["victim"],
        memories=["other", "hebbian_40"],
        controls=[],
        budget=4,
    )
    assert "memories are misled by 4 flips for 1.000 of" in text
    assert "Left out here, but not below: hebbian 40, which give nearly all images one answer" in text
    assert "* - hebbian 40" in text
