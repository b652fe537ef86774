"""The paper's experiment: what the memory misclassifies of adversarial images, beside what must be compared with it."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from weightspace.figures import style
from weightspace.robustness.paper_experiment import INTERVAL, MISCLASSIFIED

SOURCES = {"test": "test images", "stored": "stored images"}
READOUTS = {
    "nearest": "label of the stored pattern nearest to the final state",
    "exact": "label of the final state where it is a stored pattern; none, counted as wrong, where it is not",
}


class Series(NamedTuple):
    """One quantity of a memory's row: how it is marked, whose error it is, and that in words."""

    quantity: str
    marker: str
    filled: bool
    owner: str
    text: str

    def look(self, colour: str) -> dict[str, Any]:
        """Arguments for `Axes.plot`."""
        return {
            "marker": self.marker,
            "color": colour,
            "markerfacecolor": colour if self.filled else "white",
            "markersize": 4.4,
        }


SERIES = (  # from top to bottom
    Series("adversarial", "o", True, "memory", "memory, adversarial images"),
    Series("clean", "o", False, "memory", "memory, same images clean"),
    Series("nearest_neighbour_adversarial", "D", True, "nearest_neighbour", "1-NN, adversarial images"),
    Series("nearest_neighbour_clean", "D", False, "nearest_neighbour", "1-NN, same images clean"),
    Series("network_binarised", "^", True, "network", "attacked network, binarised"),
)


@style.paper()
def draw_paper_experiment(
    table: pd.DataFrame, *, network: str, attack: str, budget: float, readout: str = "nearest"
) -> Figure:
    """Draw, for each memory, its error on adversarial images beside the controls that tell what this error measures.

    Args:
        table: long form, with the columns ``network``, ``attack``, ``budget``, ``source`` ("test" or "stored"),
            ``memory``, ``rule``, ``readout``, ``quantity`` ("adversarial", "clean", "nearest_neighbour_adversarial",
            "nearest_neighbour_clean", "network_binarised", "difference"), ``estimate``, ``low``, ``high``, ``n`` and
            ``seeds`` (how many). Memories are drawn in the table's order.
        network, attack, budget: which rows.
        readout: ``"nearest"`` or ``"exact"``.

    Raises:
        ValueError: the table has several rows for one memory, source and quantity.
    """
    title = f"What does “misclassified {MISCLASSIFIED}” measure?"
    rows = _select(table, network=network, attack=attack, budget=budget, readout=readout)
    if rows.empty:
        made = f"no image that {style.readable(attack)} with a budget of {budget:g} made adversarial"
        return style.nothing_to_show(title, f"{made} for {style.readable(network)}, or no memory that stores images")
    memories = list(dict.fromkeys(rows["memory"]))
    sources = [source for source in SOURCES if source in set(rows["source"])]
    figure = style.new_figure(
        1.95 + 0.62 * len(memories),
        title=title,
        note=_note(rows, network=network, attack=attack, budget=budget, readout=readout),
    )
    grid = figure.add_gridspec(2, len(sources), height_ratios=(0.4, 0.62 * len(memories) + 0.31))
    _draw_key(figure.add_subplot(grid[0, :]), network)
    panels = grid[1, :].subgridspec(1, len(sources)).subplots(sharey=True, squeeze=False)[0]
    for axes, source in zip(panels, sources, strict=True):
        _draw_source(axes, rows[rows["source"] == source], memories, network)
        axes.set(title=f"attacked: {SOURCES[source]}", xlabel="share misclassified")
    panels[0].set_yticks(range(len(memories)), [textwrap.fill(style.readable(memory), 14) for memory in memories])
    panels[0].set_ylim(len(memories) - 0.5, -1.0)  # room above the first row for the paper's value
    return figure


def _select(table: pd.DataFrame, *, network: str, attack: str, budget: float, readout: str) -> pd.DataFrame:
    chosen = table[
        (table["network"] == network)
        & (table["attack"] == attack)
        & np.isclose(table["budget"], budget)
        & (table["readout"] == readout)
    ]
    cells = chosen[["memory", "source", "quantity"]]
    if cells.duplicated().any():
        raise ValueError(
            f"the table has several rows for {', '.join(cells[cells.duplicated()].iloc[0])} of attack {attack}; a"
            " figure needs one"
        )
    return chosen


def _note(rows: pd.DataFrame, *, network: str, attack: str, budget: float, readout: str) -> str:
    attacked = rows[rows["quantity"] == "adversarial"]
    counts = " and ".join(
        f"{_range(attacked.loc[attacked['source'] == source, 'n'])} {text}"
        for source, text in SOURCES.items()
        if (attacked["source"] == source).any()
    )
    return (
        f"n = {counts}, {_range(rows['seeds'])} seeds; bars: 95 % intervals. Attack {style.readable(attack)} on"
        f" {style.readable(network)}, grey levels changed by at most {float(budget):g}, then binarised for memory, 1-NN"
        f" and network; recall asynchronous, sequential. Memory's answer: {READOUTS[readout]}. 1-NN: over the same"
        " stored patterns."
    )


def _range(numbers: pd.Series) -> str:
    low, high = int(numbers.min()), int(numbers.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _draw_source(axes: Axes, rows: pd.DataFrame, memories: Sequence[str], network: str) -> None:
    """One panel: a band of lines for each memory, and at the right how much the attack adds to its error."""
    axes.axvspan(*INTERVAL, color="#F1E6C8", zorder=0, linewidth=0)
    axes.plot(
        [MISCLASSIFIED, MISCLASSIFIED],
        [-0.5, len(memories) - 0.5],
        color=style.INK,
        linewidth=0.9,
        linestyle=(0, (4, 2)),
        zorder=1,
    )
    text = f"paper: {MISCLASSIFIED}\n{INTERVAL[0]} – {INTERVAL[1]}"
    axes.annotate(text, (np.mean(INTERVAL), -0.74), ha="center", va="center", fontsize=style.SMALL)
    _write_beside(axes, -0.74, "adversarial\n− clean", fontweight="bold")
    for row, memory in enumerate(memories):
        measured = rows[rows["memory"] == memory].set_index("quantity")
        _draw_memory(
            axes, measured, row, _colours(network, memory=style.model_colour(memory, measured["rule"].iloc[0]))
        )
    axes.set(xlim=(-0.03, 1.03), xticks=[0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.tick_params(axis="y", length=0)


def _colours(network, *, memory):
    """By whose errors are drawn."""
    nearest = style.FAMILIES["nearest_neighbour"][0]
    return {"memory": memory, "network": style.model_colour(network, style.NETWORK), "nearest_neighbour": nearest}


def _draw_memory(axes: Axes, measured: pd.DataFrame, row: int, colours: Mapping[str, str]) -> None:
    """A mark with its interval for each quantity that was measured."""
    axes.axhline(row - 0.5, color="#DDDDDD", linewidth=0.6, zorder=0)
    for line, series in enumerate(SERIES):
        if series.quantity not in measured.index:
            continue
        cell, height = style.with_ends(measured).loc[series.quantity], row + (line - 2) * 0.16
        look = series.look(colours[series.owner])
        axes.plot([cell["low"], cell["high"]], [height, height], color=look["color"], linewidth=1.2, zorder=2)
        axes.plot(cell["estimate"], height, zorder=3, **look)
    if "difference" in measured.index:
        difference = measured.loc[["difference"], ["estimate", "low", "high"]].to_numpy(dtype=float)[0]
        gain, low, high = map(style.signed, difference)
        _write_beside(axes, row, f"{gain}\n{low} to {high}")


def _write_beside(axes: Axes, row: float, text: str, **look: Any) -> None:
    axes.annotate(text, (1.04, row), xycoords=axes.get_yaxis_transform(), va="center", fontsize=style.SMALL, **look)


def _draw_key(axes: Axes, network: str) -> None:
    """What the marks mean, once for all rows; the memory's own marks in ink, since each memory has its colour."""
    colours = _colours(network, memory=style.INK)
    marks = [
        Line2D([], [], linestyle="none", label=series.text, **series.look(colours[series.owner])) for series in SERIES
    ]
    spacing = {"handletextpad": 0.1, "columnspacing": 1.2, "borderaxespad": 0, "borderpad": 0}
    axes.set_axis_off()
    axes.legend(handles=marks, loc="center left", ncols=3, frameon=False, fontsize=8, **spacing)
