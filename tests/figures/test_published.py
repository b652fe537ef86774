"""The figure of published numbers: every number at its place, in the colour of its verdict."""

import numpy as np
import pandas as pd

from weightspace.figures.published import draw_published

TABLE = pd.DataFrame(
    [
        ("one", "images", "share", 0.05, 0.03, 0.02, 0.04, "differs"),
        ("two", "memories", "load", 0.14, 0.14, 0.13, 0.15, "agrees"),
        ("three", "spaces", "count", 80007984, 80007984, 80007984, 80007984, "unread"),
        ("four", "images", "share", 0.9, None, None, None, "context"),
    ],
    columns=["entry", "group", "unit", "theirs", "estimate", "low", "high", "verdict"],
)


def test_rows_are_in_groups_and_show_both_numbers():
    figure = draw_published(TABLE)
    shares, counts = (axes for axes in figure.axes if axes.get_xlabel())
    assert [label.get_text() for label in shares.get_yticklabels()] == ["two", "one", "four"]
    points = {(line.get_marker(), *np.ravel(line.get_xydata())): line.get_color() for line in shares.lines}
    assert {("D", 0.14, 0), ("D", 0.05, 1), ("D", 0.9, 2)} <= set(points)
    assert points["o", 0.14, 0] == "#0072B2"
    assert points["o", 0.03, 1] == points["None", 0.02, 1, 0.04, 1] == "#D55E00"
    assert not [place for marker, *place in points if marker == "o" and place[-1] == 2]
    assert counts.get_xscale() == "log"
    assert "1 differs" in figure.texts[-1].get_text()
