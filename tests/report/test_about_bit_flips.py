"""The paragraph on attacks by flips holds the numbers of the tables."""

import pandas as pd
import pytest
from docutils.core import publish_doctree
from flip_data import shown_tables

from weightspace.report.about_bit_flips import paragraph


def test_the_paragraph_holds_the_tables_numbers():
    table, _, transfer, differences = shown_tables()
    text = paragraph(
        table,
        transfer,
        differences,
        network="victim",
        networks=["victim"],
        memories=["other"],
        controls=[],
        budget=4,
        classes=2,
    )
    assert (
        "Patterns made to mislead victim with at most 4 flipped bits do so for 1.000 [0.982, 1.000] of the images"
        in text
    )
    assert "they mislead memories for 1.000 of the images that both get right." in text
    assert "memories are misled by 4 flips for 1.000 of the images that they get right, networks for 1.000" in text
    rows = publish_doctree(text).findall(lambda node: node.tagname == "row")
    assert [len(row.children) for row in rows] == [6, 6, 6]


@pytest.mark.parametrize(("classes", "clean"), [(10, 0.88), (2, 0.47)])
def test_the_paragraph_leaves_out_memories_that_give_one_answer(classes, clean):
    table, _, transfer, differences = shown_tables()
    alike = table[table.model == "other"].assign(model="hebbian_40", estimate=clean)
    text = paragraph(
        pd.concat([table, alike]),
        transfer,
        differences,
        network="victim",
        networks=["victim"],
        memories=["other", "hebbian_40"],
        controls=[],
        budget=4,
        classes=classes,
    )
    assert "memories are misled by 4 flips for 1.000 of" in text
    assert "Left out here, but not below: hebbian 40, which give nearly all images one answer" in text
    assert "* - hebbian 40" in text


def test_the_paragraph_says_where_the_sign_turns():
    table, _, transfer, differences = shown_tables()
    head = {"comparison": "memory_or_network", "model": "other", "reference": "victim", "attack": "portfolio"}
    head |= {"images": "right_under_both", "quantity": "error", "low": -1.0, "high": 1.0, "n": 500, "seeds": 10}
    errors = [{**head, "budget": budget, "estimate": found} for budget, found in ((1, 0.2), (4, 0.1), (16, -0.1))]
    median = {**head, "quantity": "median_flips", "estimate": -3.0, "low": -4.0, "high": -2.0}
    decided = pd.concat([differences, pd.DataFrame([*errors, median])])
    named = {
        "network": "victim",
        "networks": ["victim"],
        "memories": ["other"],
        "controls": [],
        "budget": 4,
        "classes": 10,
    }
    text = paragraph(table, transfer, decided, **named)
    assert "other -3.0 [-4.0, -2.0] flips in the median, and it errs more after 1, 4 and errs less after 16." in text
    assert "**Right under both.**" not in paragraph(table, transfer, differences, **named)


def test_the_paragraph_without_memories_says_so_and_compares_nothing():
    table, _, transfer, differences = shown_tables()
    alone = [frame[frame.model == "victim"] for frame in (table, transfer, differences)]
    named = {"network": "victim", "networks": ["victim"], "memories": [], "controls": [], "budget": 1, "classes": 10}
    text = paragraph(*alone, **named)
    assert "networks are misled by 1 flip for 0.000 of the images that they get right." in text
    assert "This run attacks no memory by flips" in text
    assert "memories" not in text.partition("\n\n")[2]
    assert "none" not in text
    assert "with at most 1 flipped bit do so" in text
    assert "Clean, networks err on 0.000 of all images; with the flip, networks on 0.000." in text
