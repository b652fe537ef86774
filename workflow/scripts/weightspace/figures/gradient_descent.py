"""Figure 3: the path of stochastic gradient descent, seen on the plane of its two main directions."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from weightspace.figures import style

PATH = "#D55E00"
LEVELS = 16
BOX = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.2}


@style.paper()
def draw_gradient_descent(data: Mapping[str, np.ndarray]) -> Figure:
    """Draw the loss over a plane of weights, the path projected onto it, and how far the projection can be trusted.

    Args:
        data: arrays by name. ``a`` (A,) and ``b`` (B,) coordinates along the path's two main directions, ``loss`` (A,
            B) the loss on their plane, indexed [a, b]; ``step`` (S,) numbers of SGD steps, ``path`` (S, 2) the weights
            at these steps projected onto the plane, ``path_loss`` (S,) the loss of the weights themselves,
            ``plane_loss`` (S,) of their projections; ``explained`` (2,) share of the path's variance along each
            direction; ``images`` on which the loss is taken (their number), ``network`` its name, ``seed``.

    Returns:
        A matplotlib Figure.
    """
    share = 100 * np.asarray(data["explained"], float)
    figure = style.new_figure(
        3.9,
        title="Which way does gradient descent take down the loss?",
        note=(
            f"Network {style.readable(data['network'])}, seed {int(data['seed'])}; {len(data['step'])} of"
            f" {int(data['step'][-1]):,} SGD steps; loss on n = {int(data['images']):,} training images. The contours"
            f" are the loss on the plane; the path is projected onto it, and the plane holds {share.sum():.1f} % of the"
            " path's variance. Right: what the projection hides. Axes in units of the weights."
        ),
    )
    plane, steps = figure.subplots(1, 2, width_ratios=(1.75, 1))
    _draw_plane(figure, plane, data, share)
    _draw_steps(steps, data)
    return figure


def _draw_plane(figure, axes, data, share):
    filled = axes.contourf(data["a"], data["b"], data["loss"].T, levels=LEVELS, cmap=style.SEQUENTIAL)
    bar = figure.colorbar(filled, ax=axes, pad=0.02, aspect=30, ticks=MaxNLocator(6))
    bar.set_label("RMS error", fontsize=8)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=style.SMALL)
    axes.set(
        xlabel=f"first main direction, {share[0]:.0f} % of variance",
        ylabel=f"second, {share[1]:.0f} %",
        title="Path on the loss surface",
        xlim=(data["a"].min(), data["a"].max()),
        ylim=(data["b"].min(), data["b"].max()),
    )
    path = np.asarray(data["path"], float)
    axes.plot(*path.T, color="white", linewidth=2.6, zorder=2)
    axes.plot(*path.T, color=PATH, linewidth=1.3, marker="o", markersize=2.4, zorder=3)
    _mark_steps(axes, data, path)
    _mark_end(axes, path, 0, f"start: {data['path_loss'][0]:.2f}")
    _mark_end(axes, path, -1, f"end: {data['path_loss'][-1]:.2f}")


def _mark_steps(axes, data, path):
    """Arrow heads, with the number of the step, at a third and two thirds of the path's length on the plane."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    for share in (1 / 3, 2 / 3):
        index = int(np.clip(np.searchsorted(length, share * length[-1]), 1, len(path) - 1))
        arrow = {
            "arrowstyle": "-|>",
            "facecolor": PATH,
            "edgecolor": "white",
            "linewidth": 0.6,
            "mutation_scale": 17,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        before = path[index] - 1e-3 * (path[index] - path[index - 1])  # so short that only the head is seen
        axes.annotate("", path[index], before, arrowprops=arrow, zorder=4)
        across, up = _outwards(axes, path, index)
        axes.annotate(
            f"step {int(data['step'][index]):,}",
            path[index],
            (10 * across, 10 * up),
            textcoords="offset points",
            va="center",
            ha="center" if abs(across) < 0.4 else "left" if across > 0 else "right",
            fontsize=style.SMALL,
            bbox=BOX,
            zorder=3,
        )


def _outwards(axes, path, index):
    """Unit vector on the page, square to the path and away from its middle."""
    spans = np.array([np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())])
    across, up = (path[index] - path[index - 1]) / spans
    normal = np.array([-up, across]) / max(np.hypot(across, up), 1e-12)
    return normal if normal @ ((path[index] - path.mean(axis=0)) / spans) >= 0 else -normal


def _mark_end(axes, path, index, text):
    """A dot at an end of the path and the true loss there, written on the side to which the path does not go."""
    place, inside = path[index], path[len(path) // 2]
    axes.plot(*place, "o", color=PATH, markersize=6.5, markeredgecolor="white", zorder=5)
    right = place[0] < np.mean(axes.get_xlim())
    axes.annotate(
        text,
        place,
        (-4 if right else 4, -13 if inside[1] >= place[1] else 13),
        textcoords="offset points",
        ha="left" if right else "right",
        va="center",
        fontsize=8,
        bbox=BOX,
        zorder=6,
    )


def _draw_steps(axes, data):
    """The loss by step: of the weights, and of their projections onto the plane."""
    lines = (("of the weights", "path_loss", PATH), ("of their projections", "plane_loss", "#0072B2"))
    for row, (label, name, colour) in enumerate(lines):
        axes.plot(data["step"], data[name], color=colour)
        axes.annotate(
            label, (1, 0.985 - 0.075 * row), xycoords="axes fraction", ha="right", va="top", color=colour, fontsize=8
        )
    axes.set_xscale("symlog", linthresh=float(data["step"][1]))
    axes.xaxis.set_major_formatter(lambda step, _: f"{step:,.0f}")
    axes.set(xlabel="SGD step", title="RMS error by step", xlim=(0, float(data["step"][-1])))
    axes.margins(y=0.08)
