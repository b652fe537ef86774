"""Figures of attacks by flips draw what the tables hold."""

import pytest
from flip_data import BUDGETS, shown_tables

from weightspace.figures.minimal_flips import draw_minimal_flips
from weightspace.figures.purification import draw_purification


def test_figures_draw_the_tables():
    table, minimal, _, differences = shown_tables()
    figure = draw_minimal_flips(table, minimal, network="victim", families={"victim": "network"})
    drawn = [axes for axes in figure.axes if axes.lines]
    assert [axes.get_title() for axes in drawn] == ["victim", "other"]
    best = drawn[0].lines[-1]
    assert list(best.get_xdata()) == [0, *BUDGETS]
    assert list(best.get_ydata()) == [0, 0, 1, 1]
    above, below = draw_purification(differences, families={}).axes
    assert list(above.lines[0].get_ydata()) == [0, 0, 1, 1]
    assert list(below.lines[-1].get_ydata()) == [0, 0, 0, 0]


def test_a_figure_without_its_rows_is_refused():
    with pytest.raises(ValueError, match="no rows of the comparisons recall_then_classify, same_features"):
        draw_purification(shown_tables()[3].assign(comparison="control"), families={})
