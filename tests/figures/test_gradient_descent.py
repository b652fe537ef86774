"""Figure 3: the path over the loss surface."""

import numpy as np
from figure_data import descent, drawn_texts

from weightspace.figures.gradient_descent import draw_gradient_descent


def test_descent_shows_true_loss_at_both_ends(tmp_path):
    data = descent()
    found = drawn_texts(draw_gradient_descent(data), tmp_path)
    assert {f"start: {data['path_loss'][0]:.2f}", f"end: {data['path_loss'][-1]:.2f}", "RMS error"} <= set(found)
    assert any("95.0 % of the path's variance" in text or "holds 95.0 %" in text for text in found)


def test_descent_that_does_not_move(tmp_path):
    data = descent()
    data["path"] = np.zeros_like(data["path"])
    assert any(text.startswith("start") for text in drawn_texts(draw_gradient_descent(data), tmp_path))
