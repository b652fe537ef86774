"""Figures of attacks by flips draw what the tables hold."""

import numpy as np
import pandas as pd
import pytest
from flip_data import BUDGETS, shown_tables

from weightspace.figures.minimal_flips import draw_minimal_flips
from weightspace.figures.purification import draw_purification


def test_figures_draw_the_tables():
    table, minimal, _, differences = shown_tables()
    figure = draw_minimal_flips(table, minimal, NOTHING, network="victim", families={"victim": "network"})
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


NOTHING = pd.DataFrame(columns=["attack", "quantity", "reference", "model", "estimate", "budget"])


def test_models_are_compared_on_images_right_under_both_with_a_band():
    table, minimal, _, _ = shown_tables()
    head = {"attack": "portfolio", "quantity": "error", "reference": "victim", "model": "other", "n": 500}
    errors = [(1, 0.3, 0.1), (4, 0.5, 0.5), (16, 0.8, 0.9)]
    rows = [
        {**head, "budget": budget, "error": error, "reference_error": reference, "estimate": error - reference}
        | {"band_low": error - reference - 0.1, "band_high": error - reference + 0.1}
        for budget, error, reference in errors
    ]
    figure = draw_minimal_flips(table, minimal, pd.DataFrame(rows), network="victim", families={"victim": "network"})
    first = next(axes for axes in figure.axes if axes.get_title() == "other")
    grey, own = (line.get_ydata().tolist() for line in first.get_lines())
    assert grey == [0.1, 0.5, 0.9]
    assert own == [0.3, 0.5, 0.8]
    (band,) = first.collections
    assert np.isclose(band.get_paths()[0].vertices[:, 1].max(), 0.9)
