"""Figures of the pattern space show what was counted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_spaces import FAMILIES, SPLITTING, tables_of_a_space

from weightspace.figures.coverage import draw_coverage
from weightspace.figures.pattern_partition import draw_pattern_partition
from weightspace.figures.pattern_space_map import draw_pattern_space_map, on_plane
from weightspace.pattern_space import KINDS, coverage


@given(st.integers(1, 6))
@settings(max_examples=6, deadline=None)
def test_cells_side_by_side_differ_in_one_pixel(half):
    size = 2 * half
    codes = on_plane(np.arange(2**size), size)
    for axis in (0, 1):
        apart = np.bitwise_count(codes ^ np.roll(codes, 1, axis=axis))
        assert (np.delete(apart, 0, axis=axis) == 1).all()
    assert sorted(codes.ravel()) == list(range(2**size))


def test_figures_show_what_was_counted():
    written = tables_of_a_space()
    names = {"network": "tanh_mlp", "memory": "iterative_margin_1"}
    drawn = draw_pattern_partition(written["shares"], written["datasets"], families=FAMILIES)
    panels = [axes for part in drawn.subfigs for axes in part.axes if axes.patches]
    assert len(panels) == 4
    top = max(bar.get_y() + bar.get_height() for bar in panels[0].patches)
    assert top == pytest.approx(1)
    drawn = draw_pattern_space_map(written["maps"], **names, radius=1, dataset="small", families=FAMILIES)
    network, _, basins = drawn.subfigs[1].axes
    far = (np.asarray(network.images[0].get_array()) == len(KINDS)).sum()
    ball = written["partition"].set_index(["dataset", "model", "readout", "radius", "part"])["count"][
        "small", "tanh_mlp", "answer", 1, "R"
    ]
    assert far == 2**16 - int(ball)
    found = written["basins"][written["basins"].kind != "complement"].attractors.sum()
    assert len(np.unique(np.asarray(basins.images[0].get_array()).reshape(-1, 3), axis=0)) <= 2 * found


def test_coverage_is_drawn_row_by_row():
    rows = coverage.cover_hypergeometric(size=60, agreeing=36, distance=8, least=8, **SPLITTING, repeats=3)
    other = rows.assign(estimator=coverage.COUNTS, quantity="P_adv within 1 bits")
    drawn = draw_coverage(coverage.summarise(pd.concat([rows, other])))
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert labels == ["linear, weights ±1: a share of $10^{-2}$, N = 60", "linear, weights ±1: $P_{adv}$ within 1 bit"]
