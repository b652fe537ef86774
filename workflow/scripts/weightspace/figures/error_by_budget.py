"""How large a change each network withstands: its error against the budget, by attack, with noise of the same size."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from weightspace.figures import style

Look = tuple[str, Any, str]  # colour, line, mark

COLUMNS = 4
_SEEDS = 3  # of fewer, a t-interval says nothing, and its bars would hide the rest
NOISE, BINARISED = "noise", "binarised"
# From the weakest to the strongest knowledge; the colours stay apart for colour-blind readers.
LOOKS = {
    "fgsm": ("#56B4E9", "-", "o"),
    "mi_fgsm": ("#0072B2", "-", "v"),
    "pgd": ("#222222", "-", "s"),
    "apgd_ce": ("#CC79A7", "-", "^"),
    "apgd_dlr": ("#96466F", "-", "D"),
    "square": ("#D55E00", "-", "P"),
    "hop_skip_jump": ("#E69F00", "-", "X"),
}
OTHER = ("#009E73", "#8A8A00", "#5B3A8E")
_KEY: dict[str, Any] = {
    "loc": "upper left",
    "frameon": False,
    "fontsize": style.SMALL,
    "handlelength": 1.8,
    "columnspacing": 1.2,
    "borderaxespad": 0,
    "borderpad": 0,
}


@style.paper()
def draw_error_by_budget(attacks: pd.DataFrame, *, shown: Sequence[str], strongest: str) -> Figure:
    """Draw a panel for each network.

    Args:
        attacks: the table `attacks`.
        shown: names of the attacks drawn, all of one norm.
        strongest: the one of them that is drawn for the binarised image as well.

    """
    table = attacks[(attacks["quantity"] == "error") & (attacks["images"] == "all")]
    networks = list(dict.fromkeys(table["network"]))
    shown = [name for name in shown if name in set(table["attack"])]
    rows = -(-len(networks) // COLUMNS)
    figure = style.new_figure(
        1.7 * rows + 1.5, title="How large a change does each network withstand?", note=_note(table, shown)
    )
    grid = figure.add_gridspec(2, 1, height_ratios=(0.32, 1.7 * rows))
    looks = {name: LOOKS.get(name, (OTHER[place % len(OTHER)], "-", "o")) for place, name in enumerate(shown)}
    _draw_key(figure.add_subplot(grid[0]), looks, strongest)
    panels = grid[1].subgridspec(rows, min(COLUMNS, len(networks))).subplots(sharex=True, sharey=True, squeeze=False)
    for place, (axes, network) in enumerate(zip(panels.flat, networks, strict=False)):
        _draw_network(axes, table[table["network"] == network], looks, strongest)
        axes.set_title(
            style.readable(network),
            fontsize=8,
            loc="left",
            color=style.model_colour(network, style.NETWORK),
            fontweight="bold",
        )
        if place % COLUMNS == 0:
            axes.set_ylabel("share misclassified")
        if place + COLUMNS >= len(networks):
            axes.tick_params(labelbottom=True)
            axes.set_xlabel("largest change")
    for axes in panels.flat[len(networks) :]:
        axes.set_axis_off()
    return figure


def _note(table: pd.DataFrame, shown: Sequence[str]) -> str:
    used = table[table["attack"].isin(shown)]
    n, seeds = used["n"], used["seeds"]
    counts = " to ".join(dict.fromkeys(f"{int(count):,}" for count in (n.min(), n.max())))
    number = " to ".join(dict.fromkeys(str(int(count)) for count in (seeds.min(), seeds.max())))
    return (
        f"n = {counts} test images over {number} seeds, slow attacks on the fewest; bars: 95 % intervals over three"
        " seeds or more. Budget: the largest change of a pixel, as a share of full scale. All images count, those"
        " misclassified clean too (budget 0). Dashed: images attacked as grey ones, binarised before the network sees"
        " them."
    )


def _draw_key(axes: Axes, looks: Mapping[str, Look], strongest: str) -> None:
    marks = [
        Line2D([], [], color=colour, linestyle=line, marker=mark, markersize=4, label=name)
        for name, (colour, line, mark) in _named(looks)
    ]
    marks.append(
        Line2D(
            [],
            [],
            color=looks[strongest][0] if strongest in looks else style.INK,
            linestyle=(0, (3, 2)),
            label="pgd, then binarised",
        )
    )
    marks[-1].set_label(f"{style.readable(strongest)}, then binarised")
    marks.append(Line2D([], [], color=style.SOFT, linestyle=(0, (1, 1)), label="random noise"))
    axes.set_axis_off()
    axes.legend(handles=marks, ncols=5, **_KEY)


def _named(looks: Mapping[str, Look]) -> list[tuple[str, Look]]:
    return [(style.readable(name), look) for name, look in looks.items()]


def _draw_network(axes: Axes, table: pd.DataFrame, looks: Mapping[str, Look], strongest: str) -> None:
    clean = table[table["attack"] == "clean"].set_index("answer")["estimate"]
    for name, (colour, line, mark) in looks.items():
        _draw_curve(axes, table, name, "grey", clean, color=colour, linestyle=line, marker=mark, markersize=3.5)
    _draw_curve(
        axes, table, strongest, BINARISED, clean, color=looks.get(strongest, (style.INK,))[0], linestyle=(0, (3, 2))
    )
    _draw_curve(axes, table, NOISE, "grey", clean, color=style.SOFT, linestyle=(0, (1, 1)))
    axes.set(ylim=(-0.03, 1.03), yticks=[0, 0.5, 1], xlim=(-0.01, None))
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.grid(axis="y")


def _draw_curve(axes: Axes, table: pd.DataFrame, attack: str, answer: str, clean: pd.Series, **look: Any) -> None:
    rows = table[(table["attack"] == attack) & (table["answer"] == answer)].sort_values("budget")
    if rows.empty:
        return
    axes.plot([0, *rows["budget"]], [clean[answer], *rows["estimate"]], linewidth=1.1, zorder=3, **look)
    rows = rows[rows["seeds"] >= _SEEDS]
    axes.vlines(rows["budget"], rows["low"], rows["high"], color=look["color"], linewidth=0.8, alpha=0.6, zorder=2)
