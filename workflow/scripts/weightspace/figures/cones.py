"""The groups of networks of the paper's cones: angles within and between them, and figure 8, the groups on a sphere
that keeps their angles as well as it can, with their angular radii.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.figures import style

GROUPS = {"training": "P_t", "generalised": "P_g", "adversarial_and_irrelevant": "P_a + P_r"}
MARKS = {"angle_as_they_stand": ("#C08030", "o", "as they stand"), "angle": ("#0072B2", "D", "least over all copies")}
TITLES = {"shared": "one shared start", "independent": "independent starts"}
LABELS = {"model": "labels of the model", "nearest": "labels of the nearest image"}
COLOURS = {"training": "#0072B2", "generalised": "#009E73", "adversarial_and_irrelevant": "#D55E00"}


def math_name(group: str) -> str:
    """A group's name as in the paper."""
    return GROUPS[group].replace("P_t", "$P_t$").replace("P_g", "$P_g$").replace("P_a + P_r", "$P_a{+}P_r$")


@style.paper()
def draw_angles(cones: pd.DataFrame) -> Figure:
    """Draw mean angles with their intervals for each pair of groups, by start and labelling.

    Args:
        cones: the table of that name.
    """
    angles = style.with_ends(cones[cones["quantity"].isin(MARKS)])
    figure = style.new_figure(
        4.4,
        title="Are the weights learnt from different patterns apart, once copies are taken into account?",
        note=(
            f"Networks trained on {int(cones['patterns'].min())} patterns of each group, {int(angles['seeds'].min())}"
            f" seeds; mean angle over n = {int(angles['n'].min())} or more pairs, 95 % jackknife intervals over seeds."
            " Above the line within a group, below it between two."
        ),
    )
    panels = figure.subplots(2, 2, sharex=True, sharey=True)
    pairs = [*((group, group) for group in GROUPS), *combinations(GROUPS, 2)]
    for row, (labelling, label) in zip(panels, LABELS.items(), strict=True):
        for axes, (start, title) in zip(row, TITLES.items(), strict=True):
            cell = angles[(angles["labelling"] == labelling) & (angles["start"] == start)]
            for quantity, (colour, mark, _) in MARKS.items():
                shift = 0.13 if quantity == "angle" else -0.13
                for place, (first, second) in enumerate(pairs):
                    found = cell[
                        (cell["quantity"] == quantity) & (cell["group"] == first) & (cell["other"] == second)
                    ].iloc[0]
                    axes.plot([found["low"], found["high"]], [place + shift] * 2, color=colour, linewidth=1)
                    axes.plot(found["estimate"], place + shift, mark, color=colour, markersize=4)
            axes.axhline(2.5, color=style.SOFT, linewidth=0.6)
            axes.set_title(f"{title}, {label}", fontsize=8, loc="left")
            axes.grid(axis="x")
            axes.set_axisbelow(True)
    names = [
        math_name(first) if first == second else f"{math_name(first)} to {math_name(second)}" for first, second in pairs
    ]
    panels[0, 0].set_yticks(range(len(pairs)), names)
    panels[0, 0].set_ylim(5.5, -0.75)
    panels[0, 0].set_xlim(left=0)
    for axes in panels[1]:
        axes.set_xlabel("angle, degrees")
    _label_marks(panels[0, 1])
    return figure


def _label_marks(axes: Axes) -> None:
    """Name the two kinds of angle in the panel of independent starts, where small angles are free."""
    for place, (colour, _, text) in enumerate(MARKS.values()):
        axes.annotate(
            text, (0.03, 0.93 - 0.1 * place), xycoords="axes fraction", fontsize=style.SMALL, color=colour, va="center"
        )


def cone_rim(centre: Float[np.ndarray, "3"], degrees: float, points: int = 120) -> Float[np.ndarray, "{points} 3"]:
    """Points of the sphere at an angle from ``centre``, a unit vector: where the cone around it leaves the
    sphere.
    """
    helper = np.eye(3)[np.abs(centre).argmin()]
    first = np.cross(centre, helper)
    first /= np.linalg.norm(first)
    second, turn = np.cross(centre, first), np.linspace(0, 2 * np.pi, points)[:, None]
    angle = np.radians(degrees)
    return np.cos(angle) * centre + np.sin(angle) * (np.cos(turn) * first + np.sin(turn) * second)


@style.paper()
def draw_cones_on_hypersphere(data: Mapping[str, np.ndarray]) -> Figure:
    """Draw the spheres of shared and of independent starts side by side.

    Args: data, arrays as `sphere_embedding.place_all` gives them.
    """
    figure = style.new_figure(
        4.3,
        title="Do weights learnt from different groups of patterns form cones on the hypersphere?",
        note=(
            f"Networks of {int(data['hidden'])} hidden units, {int(data['dimensions']):,} weights, trained on"
            f" {int(data['patterns'])} patterns of a group, labels of the model, {int(data['seeds'])} seeds; each as"
            " its copy nearest the medoid. Rings: angular radius, the 95th percentile of the angles to a group's"
            " medoid. Volumes are shares of the whole sphere, of one cone and of all its copies. Stress: how far the"
            " picture's angles are from the measured ones."
        ),
        layout=None,
    )
    for place, start in enumerate(TITLES):
        axes = figure.add_axes((0.01 + 0.5 * place, 0.27, 0.48, 0.57), projection="3d")
        _draw_sphere(axes, data, start)
        figure.text(
            0.25 + 0.5 * place,
            0.86,
            f"{TITLES[start]} (stress {float(data[f'{start}_stress']):.2f})",
            ha="center",
            fontsize=9,
        )
        for line, (group, colour) in enumerate(COLOURS.items()):
            radius, cone, copies = (
                float(data[f"{start}_{name}"][line]) for name in ("radius", "log10_cone", "log10_cone_and_copies")
            )
            text = f"{math_name(group)}: {radius:.0f}°, 10$^{{{cone:.0f}}}$, with copies 10$^{{{copies:.0f}}}$"
            figure.text(0.06 + 0.5 * place, 0.25 - 0.037 * line, text, color=colour, fontsize=8, va="center")
    return figure


def _draw_sphere(axes: Any, data: Mapping[str, np.ndarray], start: str) -> None:
    turn, height = np.meshgrid(np.linspace(0, 2 * np.pi, 25), np.linspace(0, np.pi, 13))
    axes.plot_wireframe(
        np.cos(turn) * np.sin(height), np.sin(turn) * np.sin(height), np.cos(height), color="#DDDDDD", linewidth=0.3
    )
    points, group = data[f"{start}_points"], data[f"{start}_group"]
    view = np.array([np.cos(np.radians(20)), 0, np.sin(np.radians(20))])  # as the camera below
    for place, (_, colour) in enumerate(COLOURS.items()):
        mine = points[group == place]
        front = mine @ view > 0
        for part, opacity in ((mine[~front], 0.25), (mine[front], 1.0)):
            axes.scatter(*part.T, color=colour, s=14, alpha=opacity, depthshade=False, linewidths=0)
        rim = cone_rim(points[data[f"{start}_medoid"][place]], float(data[f"{start}_radius"][place]))
        seen = np.where((rim @ view > 0)[:, None], rim, np.nan)
        axes.plot(*rim.T, color=colour, linewidth=0.6, alpha=0.3)
        axes.plot(*seen.T, color=colour, linewidth=1.2)
    axes.set(xlim=(-0.75, 0.75), ylim=(-0.75, 0.75), zlim=(-0.75, 0.75), box_aspect=(1, 1, 1))
    axes.view_init(elev=20, azim=0)
    axes.set_axis_off()


def turnable_cones(data: Mapping[str, np.ndarray]) -> Any:
    """Both spheres as a plotly Figure, which can be turned with the mouse."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    titles = [f"{TITLES[start]} (stress {float(data[f'{start}_stress']):.2f})" for start in TITLES]
    figure = make_subplots(rows=1, cols=2, specs=[[{"type": "scene"}] * 2], subplot_titles=titles)
    turn, height = np.meshgrid(np.linspace(0, 2 * np.pi, 41), np.linspace(0, np.pi, 21))
    globe = [
        values.round(4) for values in (np.cos(turn) * np.sin(height), np.sin(turn) * np.sin(height), np.cos(height))
    ]
    for column, start in enumerate(TITLES, start=1):
        sphere = go.Surface(
            x=globe[0],
            y=globe[1],
            z=globe[2],
            opacity=0.25,
            showscale=False,
            hoverinfo="skip",
            colorscale=[[0, "#EEEEEE"], [1, "#EEEEEE"]],
        )
        figure.add_trace(sphere, row=1, col=column)
        for place, (group, colour) in enumerate(COLOURS.items()):
            mine = data[f"{start}_points"][data[f"{start}_group"] == place].round(4)
            radius = float(data[f"{start}_radius"][place])
            rim = cone_rim(data[f"{start}_points"][data[f"{start}_medoid"][place]], radius).round(4)
            named = {"name": f"{GROUPS[group]}, radius {radius:.0f}°", "legendgroup": group, "showlegend": column == 2}
            marker = {"size": 4, "color": colour}
            figure.add_trace(
                go.Scatter3d(x=mine[:, 0], y=mine[:, 1], z=mine[:, 2], mode="markers", marker=marker, **named),
                row=1,
                col=column,
            )
            line = {"color": colour, "width": 4}
            ring = {"mode": "lines", "line": line, "legendgroup": group, "showlegend": False, "hoverinfo": "skip"}
            figure.add_trace(go.Scatter3d(x=rim[:, 0], y=rim[:, 1], z=rim[:, 2], **ring), row=1, col=column)
    hidden = {"visible": False}
    scene = {"xaxis": hidden, "yaxis": hidden, "zaxis": hidden, "aspectmode": "cube"}
    figure.update_layout(
        scene=scene,
        scene2=scene,
        margin={"l": 0, "r": 0, "b": 0, "t": 40},
    )
    return figure
