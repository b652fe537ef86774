"""Figures 2, 4 and 5: the energy before and after learning, and its change at the stored images."""

import numpy as np
import pytest
from figure_data import drawn_texts, history, landscape

from weightspace.figures.energy_landscape import draw_energy_change, draw_landscape


def test_both_landscapes_share_axes_view_and_colours():
    data = landscape(after=landscape()["after"] * 3)
    before, after = (draw_landscape(data, when).axes[0] for when in ("before", "after"))
    for view in ("get_xlim", "get_ylim", "get_zlim"):
        assert getattr(before, view)() == getattr(after, view)()
    assert (before.elev, before.azim) == (after.elev, after.azim)
    assert before.collections[0].norm.vmin == after.collections[0].norm.vmin
    lowest, highest = before.get_zlim()
    assert lowest < min(data["before"].min(), data["after"].min())
    assert highest > max(data["before"].max(), data["after"].max())


def test_landscape_drops_lines_to_the_energies_of_the_stored_images():
    data = landscape()
    axes = draw_landscape(data, "after").axes[0]
    marks = [np.array(line.get_data_3d()).ravel() for line in axes.lines if line.get_marker() == "o"]
    assert np.allclose(marks, np.column_stack([data["stored"], data["energy_after"]]))


def test_energy_change_cuts_through_the_surfaces():
    data = landscape()
    axes = draw_energy_change(data, history(), family="iterative").axes[0]
    bits, energy = axes.lines[0].get_data()
    assert list(bits) == sorted(bits)
    assert np.interp([-197, 0, 155], bits, energy) == pytest.approx(data["energy_before"][[2, 0, 1]])


def test_energy_change_needs_lines_through_the_stored_images():
    with pytest.raises(ValueError, match="u values lack 0"):
        draw_energy_change(landscape(u=landscape()["u"] + 0.01), history(), family="iterative")


def test_energy_change_carries_ended_seeds_on():
    figure = draw_energy_change(landscape(), history(passes=(6, 3)), family="iterative")
    shares = figure.axes[2].lines[-1]
    assert len(shares.get_xdata()) == 6
    assert shares.get_ydata()[3:] == pytest.approx([100 * (3 + 0) / 2 / 400, 100 * (1 + 0) / 2 / 400, 0])


@pytest.mark.parametrize("passes", [(6,), (1,)])
def test_energy_change_without_violations(tmp_path, passes):
    figure = draw_energy_change(landscape(), history(passes=passes, violations=(0,) * 6), family="iterative")
    shares = figure.axes[2]
    assert set(shares.lines[-1].get_ydata()) == {0}
    low, high = shares.get_ylim()
    assert low < 0 < high
    assert "0" in drawn_texts(figure, tmp_path)


def test_energy_change_labels_the_threshold(tmp_path):
    assert "2 · margin = 5" in drawn_texts(
        draw_energy_change(landscape(margin=np.array(2.5)), history(), family="iterative"), tmp_path
    )
