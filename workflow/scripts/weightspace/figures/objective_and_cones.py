"""Figure 7: the loss along great circles through trained weights, by class, and the same over a sphere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from weightspace.figures import style

CLASSES = {"exact": "#0072B2", "generalised": "#8CC4E8", "neither": "#D9D9D9"}
SHOWN = 3  # circles of each network


@style.paper()
def draw_objective_and_cones(circles: pd.DataFrame, sphere: Mapping[str, np.ndarray], levels: pd.DataFrame) -> Figure:
    """Draw three panels: loss by angle along circles, coloured by class; share of each class by angle; a sphere's
    classes and loss.

    Args: circles, rows seed, circle, degrees, loss, kind; sphere, arrays as of `great_circles.map_sphere`; levels, the
    table `loss_levels`.
    """
    ordered = levels[levels["quantity"] == "ordered"].set_index("arc")
    quarter: Any = ordered.loc["quarter"]
    half: Any = ordered.loc["half"]
    figure = style.new_figure(
        3.5,
        title="Do exact weights lie near minima, generalised ones further off, neither elsewhere?",
        note=(
            f"{int(quarter['n'])} great circles through {int(quarter['seeds'])} trained networks,"
            f" {int(sphere['patterns'])} training patterns, generalised: at least"
            f" {100 * float(sphere['threshold']):.0f} % of {int(sphere['held_out'])} held-out images right. Exact,"
            f" generalised, neither in this order without return: {_percent(quarter)} of quarter circles,"
            f" {_percent(half)} of half circles, whose end is nearly a copy of their start. Right: seed"
            f" {int(sphere['seed'])}, a sphere of two dimensions laid flat, trained weights in the middle; lines: loss."
        ),
    )
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 1, 1.2))
    _draw_circles(left, circles)
    _draw_shares(middle, levels)
    _draw_sphere(right, sphere)
    return figure


def _percent(row: Any) -> str:
    return f"{100 * row['estimate']:.0f} % ({100 * row['low']:.0f}–{100 * row['high']:.0f})"


def _draw_circles(axes: Axes, circles: pd.DataFrame) -> None:
    colours = np.array([*CLASSES.values()])
    for _, path in circles[circles["circle"] < SHOWN].groupby(["seed", "circle"]):
        points = path[["degrees", "loss"]].to_numpy()
        kinds = path["kind"].to_numpy().astype(int)
        segments = list(np.stack([points[:-1], points[1:]], axis=1))
        axes.add_collection(
            LineCollection(segments, colors=colours[np.maximum(kinds[:-1], kinds[1:])], linewidths=0.8, alpha=0.9)
        )
    axes.set(xlim=(0, 180), ylim=(0, 1.05 * circles["loss"].max()), xticks=(0, 45, 90, 135, 180))
    axes.set(
        xlabel="angle from trained weights (°)", ylabel="training loss (RMS error)", title="Loss along great circles"
    )
    handles = [Patch(color=colour, label=name) for name, colour in CLASSES.items()]
    axes.legend(handles=handles, frameon=False, fontsize=style.SMALL, loc="lower center", handlelength=1, borderpad=0)


def _draw_shares(axes: Axes, levels: pd.DataFrame) -> None:
    shares = levels[levels["quantity"] == "share"]
    bottom: Any = 0
    for name, colour in CLASSES.items():
        group = shares[shares["class"] == name].sort_values("degrees")
        top = bottom + group["estimate"].to_numpy()
        axes.fill_between(group["degrees"], bottom, top, color=colour, linewidth=0)
        bottom = top
    axes.set(
        xlim=(0, 180),
        ylim=(0, 1),
        xticks=(0, 90, 180),
        xlabel="angle (°)",
        ylabel="share of circles",
        title="Class by angle",
    )


def _draw_sphere(axes: Axes, sphere: Mapping[str, np.ndarray]) -> None:
    angle, azimuth = np.radians(sphere["angle"]), np.radians(np.append(sphere["azimuth"], 360))
    kind, loss = (np.concatenate([values, values[:1]]) for values in (sphere["kind"], sphere["loss"]))
    across, up = (np.degrees(angle) * turn[:, None] for turn in (np.cos(azimuth), np.sin(azimuth)))
    edges = [_edges(np.degrees(angle)).clip(0, 180), _edges(azimuth)]
    corners = [edges[0] * turn[:, None] for turn in (np.cos(edges[1]), np.sin(edges[1]))]
    axes.pcolormesh(*corners, kind, cmap=ListedColormap([*CLASSES.values()]), vmin=-0.5, vmax=2.5, rasterized=True)
    lines = axes.contour(across, up, loss, levels=(0.2, 0.4, 0.6, 0.8, 1.0, 1.2), colors=style.INK, linewidths=0.5)
    axes.clabel(lines, fontsize=5, fmt="%g")
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title("On a sphere, laid flat")
    for degrees in (90, 180):
        axes.text(
            0,
            -degrees,
            f"{degrees}°",
            fontsize=style.SMALL,
            ha="center",
            va="top" if degrees == 180 else "center",
            color=style.INK,
        )


def _edges(centres: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n+1"]:
    """Borders of cells around evenly spaced centres."""
    half = (centres[1] - centres[0]) / 2
    return np.append(centres - half, centres[-1] + half)
