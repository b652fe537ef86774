"""How high loss and error rise between networks of two seeds, and what is left when one is replaced by a copy."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.figures import style

WAYS = {
    "none": ("#555555", "o", "as they stand"),
    "interchanges": ("#56B4E9", "s", "nearest copy, interchanges"),
    "signs": ("#D55E00", "D", "nearest copy, interchanges and signs"),
    "scales": ("#009E73", "^", "nearest copy, interchanges and scales"),
    "least_barrier": ("#CC79A7", "v", "copy of the least barrier"),
}
PANELS = {
    "loss_barrier": "loss above that of the ends",
    "error_barrier": "share wrong above that of the ends",
}


@style.paper()
def draw_barriers(table: pd.DataFrame) -> Figure:
    """Draw loss and error barriers by network and by what was done to one network of each pair.

    Args:
        table: the table `barriers`.
    """
    shown = style.with_ends(table[table["compared_with"] == "nothing"])
    settings = list(dict.fromkeys(zip(shown["weights"], shown["hidden"], shown["training"], strict=True)))
    figure = style.new_figure(
        0.34 * len(settings) + 2.3, title="Are networks from two seeds copies of one another?", note=_note(shown)
    )
    # The legend has a place of its own: one of the figure's would cover the title.
    grid = figure.add_gridspec(2, 2, height_ratios=(0.45, 0.34 * len(settings)))
    left = figure.add_subplot(grid[1, 0])
    panels = left, figure.add_subplot(grid[1, 1], sharey=left)
    for axes, (quantity, label) in zip(panels, PANELS.items(), strict=True):
        _draw_panel(axes, shown[shown["quantity"] == quantity], settings)
        axes.set_xlabel(label)
    left.set_yticks(range(len(settings)), [_name(*setting) for setting in settings])
    left.invert_yaxis()
    panels[1].tick_params(labelleft=False)
    key = figure.add_subplot(grid[0, :])
    key.set_axis_off()
    lines, texts = left.get_legend_handles_labels()
    key.legend(lines, texts, loc="center left", ncols=2, frameon=False, fontsize=style.SMALL, borderpad=0)
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame, settings: list[tuple[str, int, str]]) -> None:
    for number, (way, (colour, marker, text)) in enumerate(WAYS.items()):
        mine = rows[rows["transformation"] == way]
        places = [
            settings.index(each) + 0.14 * (number - 2)
            for each in zip(mine["weights"], mine["hidden"], mine["training"], strict=True)
        ]
        reach = [mine["estimate"] - mine["low"], mine["high"].where(np.isfinite(mine["high"])) - mine["estimate"]]
        axes.errorbar(
            mine["estimate"], places, xerr=reach, fmt=marker, color=colour, markersize=3.2, linewidth=0.8, label=text
        )
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
    axes.set_xlim(left=0)
    axes.grid(axis="x")


def _name(weights: str, hidden: int, training: str) -> str:
    if weights == "trained_by_width":
        return f"{hidden} units, {training}"
    return style.readable(weights)


def _note(shown: pd.DataFrame) -> str:
    seeds, pairs = (int(shown[column].max()) for column in ("seeds", "n"))
    return (
        f"n = {pairs} pairs of {seeds} seeds. The highest of the points looked at on the straight line between two"
        " networks, above the line between its ends; test images; loss as in training. Means over pairs, 95 % jackknife"
        " intervals over seeds. The axis is that of square roots."
    )
