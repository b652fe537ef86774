"""Whether training keeps the order in which a layer's units start: pairs out of order by step, and where the order
survives.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.estimates import NONE, mean_over_seeds
from weightspace.figures import style

KEYS = {
    "bias": ("#0072B2", "o", "bias"),
    "incoming_weight": ("#D55E00", "s", "incoming weight"),
    "output_weight": ("#009E73", "^", "output weight"),
    "norm": ("#8A8A00", "v", "norm"),
    "constant_pixel": ("#CC79A7", "D", "constant pixel"),
}
_CELL = ["width", "optimiser", "learning_rate", "gap", "encoding"]
_SHADES = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#5B3A8E", "#8A8A00", "#555555")


@style.paper()
def draw_ordering(rows: pd.DataFrame) -> Figure:
    """Draw the share of pairs out of order by step, by key, initial gap, and learning rate, and all settings by how far
    units move.

    Args:
        rows: of `ordering.measure_ordering`: ``value`` by setting, ``seed``, ``key``, ``step`` and ``quantity``; the
            first setting is the base.
    """
    base = rows.iloc[0][_CELL]
    shares = rows[rows["quantity"] == "out_of_order"]
    figure = style.new_figure(5.6, title="Does training keep the order of a layer's units?", note=_note(rows, base))
    panels: Any = figure.add_gridspec(2, 2).subplots()
    (by_key, by_gap), (by_rate, regime) = panels
    mine = shares[_like(shares, base)]
    _draw_lines(
        by_key,
        {
            text: (colour, mine[mine["key"] == key])
            for key, (colour, _, text) in KEYS.items()
            if (mine["key"] == key).any()
        },
    )
    by_key.set_title("By what the units are ordered by")
    biases = shares[shares["key"] == "bias"]
    gaps = biases[_like(biases, base, but="gap")]
    lines = {
        ("as drawn" if gap == 0 else f"gap {gap:g}"): gaps[gaps["gap"] == gap]
        for gap in sorted(gaps["gap"].unique(), reverse=True)
    }
    _draw_lines(by_gap, _coloured(lines))
    by_gap.set_title("Biases, by their initial gap")
    others = biases[_like(biases, base, but="optimiser", also="learning_rate")]
    settings = dict.fromkeys(zip(others["optimiser"], others["learning_rate"], strict=True))
    lines = {
        f"{name} {rate:g}": others[(others["optimiser"] == name) & (others["learning_rate"] == rate)]
        for name, rate in sorted(settings)
    }
    _draw_lines(by_rate, _coloured(lines))
    by_rate.set_title("Biases, by optimiser and learning rate")
    _draw_regime(regime, rows)
    for axes in (by_key, by_gap, by_rate):
        axes.set(xlabel="step", ylabel="pairs out of order")
    return figure


def _coloured(lines: Mapping[str, pd.DataFrame]) -> dict[str, tuple[str, pd.DataFrame]]:
    return {text: (_SHADES[place % len(_SHADES)], rows) for place, (text, rows) in enumerate(lines.items())}


def _like(
    rows: pd.DataFrame, base: pd.Series, *, but: str | None = None, also: str | None = None
) -> Bool[np.ndarray, "rows"]:
    """Which rows have the base's setting in all but the named factors."""
    return np.logical_and.reduce([rows[factor] == base[factor] for factor in _CELL if factor not in (but, also)])


def _note(rows: pd.DataFrame, base: pd.Series) -> str:
    width, rate = int(base["width"]), f"{base['learning_rate']:g}"
    return (
        f"{rows['seed'].nunique()} seeds; bands: 95 % t-intervals. Share of the pairs of units adjacent at the start"
        f" that stand the other way round; 0.5 is a random order. {width} tanh units, {base['optimiser']}, learning"
        f" rate {rate}, unless said otherwise. Last panel, colours as in the first: each point is one network and key"
        " after the last step; the line is where the median unit has moved by the median initial gap; at the left edge"
        " stands what moved less than a thousandth of it."
    )


def _draw_lines(axes: Axes, lines: Mapping[str, tuple[str, pd.DataFrame]]) -> None:
    """Means with bands by step, named at their right ends."""
    ends = {}
    for text, (colour, rows) in lines.items():
        found = {step: mean_over_seeds(group["value"], n=1, bounds=(0.0, 1.0)) for step, group in rows.groupby("step")}
        steps: Any = list(found)
        means = [estimate.estimate for estimate in found.values()]
        axes.fill_between(
            steps,
            [np.nan if e.interval == NONE else e.low for e in found.values()],
            [np.nan if e.interval == NONE else e.high for e in found.values()],
            color=colour,
            alpha=0.18,
            linewidth=0,
        )
        axes.plot(steps, means, color=colour)
        ends[text] = means[-1]
    for text, height in style.spread(ends, 0.055).items():
        axes.annotate(
            text,
            (1.02, height),
            xycoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=style.SMALL,
            color=lines[text][0],
            annotation_clip=False,
        )
    axes.set(xscale="log", xlim=(1, steps[-1]), ylim=(-0.02, 0.6), yticks=[0, 0.25, 0.5])
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.xaxis.set_major_formatter(lambda step, _: f"{step:g}")


def _draw_regime(axes: Axes, rows: pd.DataFrame) -> None:
    """All networks and keys: how far the median unit moves, in median initial gaps, against the share of pairs that end
    out of order.
    """
    last = rows[rows["step"] == rows["step"].max()]
    table = last.pivot_table(index=[*_CELL, "seed", "key"], columns="quantity", values="value").dropna(
        subset=["median_move", "median_gap"]
    )
    ratio = (table["median_move"] / table["median_gap"]).clip(lower=1e-3)
    axes.axvline(1, color=style.SOFT, linewidth=0.8, linestyle=(0, (4, 3)))
    for key, (colour, marker, _) in KEYS.items():
        mine = table.index.get_level_values("key") == key
        axes.plot(
            ratio[mine], table["out_of_order"][mine], marker, color=colour, markersize=2.6, alpha=0.6, markeredgewidth=0
        )
    axes.set(
        xscale="log",
        xlim=(7e-4, 1.5 * ratio.max()),
        ylim=(-0.02, 0.6),
        yticks=[0, 0.25, 0.5],
        xlabel="median move / median initial gap",
    )
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.set_ylabel("pairs out of order")
    axes.set_title("All settings: order survives small moves")
