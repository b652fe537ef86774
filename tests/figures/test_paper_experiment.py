"""The paper's experiment: the table's intervals, and no rows that could be mistaken for others."""

import pandas as pd
import pytest
from figure_data import PAPER, drawn_texts, paper_table
from matplotlib.colors import same_color

from weightspace.figures import style
from weightspace.figures.paper_experiment import draw_paper_experiment


def test_paper_experiment_draws_the_tables_intervals():
    table = paper_table()
    figure = draw_paper_experiment(table, **PAPER)
    panel = next(axes for axes in figure.axes if axes.get_title() == "attacked: test images")
    spans = {
        (round(float(x[0]), 3), round(float(x[1]), 3))
        for x in (line.get_xdata() for line in panel.lines)
        if len(x) == 2
    }
    wanted = table[(table["source"] == "test") & (table["quantity"] != "difference")]
    assert {(round(low, 3), round(high, 3)) for low, high in zip(wanted["low"], wanted["high"], strict=True)} <= spans
    colours = [line.get_color() for line in panel.lines if line.get_marker() == "o"]
    for memory in set(table["memory"]):
        assert any(same_color(colour, style.model_colour(memory, memory.split("_")[0])) for colour in colours)


def test_paper_experiment_with_one_source_only(tmp_path):
    table = paper_table()
    found = drawn_texts(draw_paper_experiment(table[table["source"] == "stored"], **PAPER, readout="exact"), tmp_path)
    assert "attacked: stored images" in found
    assert "attacked: test images" not in found


def test_paper_experiment_refuses_rows_it_cannot_choose():
    with pytest.raises(ValueError, match="several rows for hebbian_40, test, adversarial"):
        draw_paper_experiment(pd.concat([paper_table(), paper_table()]), **PAPER)
