"""How many patterns a learning rule holds: shares of patterns kept and recovered by load, and what the literature
gives.
"""

import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from weightspace.figures import style

ROW = 0.74  # inches for one rule
_LIGHTEST = 0.65  # how far towards white the line of the largest share of flipped bits goes
_BEYOND = 10  # times the largest load of a column: known capacities farther away are in the table only
_TINY = 6  # points: formulae along the lines of the literature
_KEY = {
    "loc": "center left",
    "frameon": False,
    "fontsize": style.SMALL,
    "handlelength": 1.4,
    "columnspacing": 1.2,
    "borderaxespad": 0,
    "borderpad": 0,
}


@style.paper()
def draw_capacity(capacity: pd.DataFrame, shares: pd.DataFrame, *, families: Mapping[str, str]) -> Figure:
    """Draw, for each rule, the share of patterns that are fixed points and that are recovered from flipped bits, by
    load.

    Args:
        capacity: the table `capacity`: loads ``estimate`` with ``low`` and ``high`` by ``rule``, ``data``, ``neurons``,
            ``quantity`` ("fixed_points", "retrieved", "recovered", or "literature" with a ``formula``) and ``flipped``.
        shares: the table `capacity_shares`: the same keys with ``load`` and the share of patterns as ``estimate``,
            ``low``, ``high``, ``n``, ``seeds``. Rules are drawn in its order, with a column for each of its data.
        families: family of each rule (`style.model_colour`).

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: no row of the table is of fixed points or recovery.
    """
    shares = shares[shares["quantity"].isin(["fixed_points", "recovered"])]
    if shares.empty:
        raise ValueError("the table of shares by load has no row of fixed points or recovered patterns")
    largest = _BEYOND * shares.groupby("data")["load"].max()
    capacity = capacity[
        (capacity["quantity"] != "literature") | (capacity["estimate"] <= capacity["data"].map(largest))
    ]
    shares, capacity = (
        _in_units_of_the_axis(shares, ["load"]),
        _in_units_of_the_axis(capacity, ["estimate", "low", "high"]),
    )
    rules, data = list(dict.fromkeys(shares["rule"])), list(dict.fromkeys(shares["data"]))
    figure = style.new_figure(
        1.85 + ROW * len(rules), title="How many patterns does each rule hold?", note=_note(shares)
    )
    grid = figure.add_gridspec(2, 1, height_ratios=(0.22, ROW * len(rules)))
    _draw_key(figure.add_subplot(grid[0]), sorted(shares["flipped"].unique()))
    places = grid[1].subgridspec(len(rules), len(data), width_ratios=[1.6, *[1] * (len(data) - 1)])
    panels = places.subplots(sharex="col", sharey=True, squeeze=False)
    for row, rule in zip(panels, rules, strict=True):
        colour = style.model_colour(rule, families.get(rule))
        for axes, kind in zip(row, data, strict=True):
            mine = (table[(table["rule"] == rule) & (table["data"] == kind)] for table in (shares, capacity))
            _draw_rule(axes, *mine, colour=colour)
        _name_row(row[0], rule, colour)
    for column, kind in enumerate(data):
        neurons = shares.loc[shares["data"] == kind, "neurons"].iloc[0]
        panels[0, column].set_title(f"{'random patterns' if kind == 'random' else _readable(kind)}, N = {neurons}")
        panels[-1, column].set_xlabel("stored patterns per neuron, P / N" if kind == "random" else "stored images, P")
        if kind != "random":
            panels[-1, column].set_xticks(sorted(shares.loc[shares["data"] == kind, "load"].unique()))
            panels[-1, column].xaxis.set_minor_locator(NullLocator())
    return figure


def _in_units_of_the_axis(table, loads):
    """Loads of random patterns are P/N, those of images P, since N is the same for all of them."""
    per_neuron = np.where(table["data"] == "random", 1, table["neurons"])
    return table.assign(**{column: table[column] * per_neuron for column in loads})


def _readable(data):
    return {"mnist": "MNIST", "kmnist": "KMNIST", "fashion_mnist": "Fashion-MNIST"}.get(data, style.readable(data))


def _note(shares):
    n = shares["n"]
    return (
        f"n = {int(n.min()):,} to {int(n.max()):,} stored patterns a point, {int(shares['seeds'].max())} seeds; bands:"
        " 95 % intervals over seeds. Dot, bar and number: load at which half of the patterns are fixed points, with"
        " its interval (over, under: beyond what was measured). Dashed: what the literature gives for random patterns;"
        " of what exactly, and sources, in the table. Recall asynchronous, sequential."
    )


def _shades(colour, flipped):
    """A shade for each share of flipped bits: the colour itself for none, ever lighter for more."""
    rgb, last = np.array(to_rgb(colour)), max(1, len(flipped) - 1)
    return {share: tuple(rgb + (1 - rgb) * _LIGHTEST * place / last) for place, share in enumerate(flipped)}


def _draw_key(axes, flipped):
    shades = _shades(style.INK, flipped)
    texts = {
        share: "fixed points" if share == 0 else f"recovered from {100 * share:g} % of bits flipped"
        for share in flipped
    }
    if len(flipped) > 2:
        texts |= {share: f"{100 * share:g} %" for share in flipped[2:]}
    axes.set_axis_off()
    axes.legend(
        handles=[Line2D([], [], color=shades[share], label=texts[share]) for share in flipped],
        ncols=len(flipped),
        **_KEY,
    )


def _name_row(axes, rule, colour):
    look = {"ha": "right", "va": "center", "fontsize": 8, "fontweight": "bold", "color": colour}
    axes.annotate(
        textwrap.fill(style.readable(rule), 14),
        (0, 0.5),
        (-28, 0),
        xycoords="axes fraction",
        textcoords="offset points",
        **look,
    )


def _draw_rule(axes, shares, capacity, *, colour):
    """One panel: a line for each share of flipped bits, the capacity as a dot where one half is left, literature as
    dashed lines.
    """
    axes.axhline(0.5, color="#E4E4E4", linewidth=0.6, zorder=0)
    for share, shade in reversed(_shades(colour, sorted(shares["flipped"].unique())).items()):
        line = style.with_ends(shares[shares["flipped"] == share].sort_values("load"))
        axes.fill_between(line["load"], line["low"], line["high"], color=shade, alpha=0.2, linewidth=0)
        axes.plot(line["load"], line["estimate"], color=shade, linewidth=1.3)
    known = capacity[capacity["quantity"] == "literature"].sort_values("estimate")
    for place, row in enumerate(known.itertuples()):
        axes.axvline(row.estimate, color=style.INK, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
        left = place == 0 or place < len(known) - 1  # the last of several is written on the free side
        look = {
            "rotation": 90,
            "ha": "right" if left else "left",
            "va": "bottom",
            "fontsize": _TINY,
            "color": style.INK,
        }
        axes.annotate(row.formula, (row.estimate, 0.0), (-1 if left else 1, 1), textcoords="offset points", **look)
    for held in capacity[capacity["quantity"] == "fixed_points"].itertuples():
        _mark_capacity(axes, held, colour)
    axes.set(xscale="log", ylim=(-0.06, 1.06), yticks=[0, 0.5, 1])
    axes.xaxis.set_major_formatter(lambda load, _: f"{load:g}")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")


def _mark_capacity(axes, held, colour):
    """The load at which half of the patterns are held; where the loads measured do not reach it, only their bound in
    words.
    """
    look = {
        "textcoords": "offset points",
        "va": "center",
        "fontsize": style.SMALL,
        "color": colour,
        "fontweight": "bold",
        "zorder": 5,
    }
    look["bbox"] = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.6}
    if np.isfinite(held.estimate):
        axes.plot([held.low, held.high], [0.5, 0.5], color=colour, linewidth=2.4, solid_capstyle="butt", zorder=3)
        axes.plot(
            held.estimate,
            0.5,
            marker="o",
            markersize=4.2,
            color=colour,
            markeredgecolor="white",
            markeredgewidth=0.5,
            zorder=4,
        )
        axes.annotate(_short(held.estimate), (held.high, 0.5), (4, 5), **look)
    else:
        text = f"over {_short(held.low)}" if np.isinf(held.high) else f"under {_short(held.high)}"
        axes.annotate(text, (0, 0.5), (3, 0), xycoords="axes fraction", **look)


def _short(load):
    return f"{load:,.0f}" if load >= 10 else f"{load:.2g}"
