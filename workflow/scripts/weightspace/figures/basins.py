"""Where recall leads: from ever farther away from a stored pattern, and, in networks small enough to be followed whole,
from every state.
"""

import textwrap
from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from weightspace.figures import style

COLUMNS = 5  # memories side by side
OUTCOMES = {  # from the stored pattern outwards; the first two colours stand for what was stored
    "returned": ("#0072B2", "back to the pattern"),
    "other_stored": ("#8CC4E8", "another stored pattern"),
    "complement": ("#E69F00", "complement of one"),
    "spurious": ("#C9C9C9", "spurious state"),
    "not_settled": ("#222222", "not settled"),
}
KINDS = {
    "stored": ("#0072B2", "stored pattern"),
    "complement": ("#E69F00", "complement of one"),
    "mixture": ("#009E73", "mixture of three"),
    "other": ("#C9C9C9", "other spurious state"),
    "not_settled": ("#222222", "not settled"),
}
_KEY = {
    "loc": "upper left",
    "frameon": False,
    "fontsize": style.SMALL,
    "handlelength": 1,
    "columnspacing": 1,
    "borderaxespad": 0,
    "borderpad": 0,
}


@style.paper()
def draw_basins(basins: pd.DataFrame, attractors: pd.DataFrame, *, families: Mapping[str, str]) -> Figure:
    """Draw shares of recalls by where they end: above for each memory by Hamming distance, below of all states of small
    networks.

    Args:
        basins: the table `basins`: shares ``estimate`` with ``low`` and ``high`` by ``memory``, ``distance`` and
            ``outcome``, ``n``, ``seeds``.
        attractors: the table `attractors`: ``estimate`` by ``rule``, ``data``, ``neurons``, ``stored``, ``kind`` and
            ``quantity``, of which ``attractors`` (how many) and ``share_of_states`` are drawn.
        families: family of each memory (`style.model_colour`).

    Returns:
        A matplotlib Figure.
    """
    memories = list(dict.fromkeys(basins["memory"]))
    settings = list(dict.fromkeys(zip(attractors["data"], attractors["neurons"], attractors["stored"], strict=True)))
    rows, rules = -(-len(memories) // COLUMNS), list(dict.fromkeys(attractors["rule"]))
    heights = (0.1, 1.35 * rows + 0.2, 0.1, 0.19 * len(rules) + 0.45)
    figure = style.new_figure(
        sum(heights) + 1.6, title="From how far away does recall lead back?", note=_note(basins, attractors)
    )
    grid = figure.add_gridspec(4, 1, height_ratios=heights)
    text = "Starts at ever more flipped bits from a stored pattern, by where recall ends"
    _draw_key(figure.add_subplot(grid[0]), OUTCOMES, basins["outcome"][basins["estimate"] > 0], text)
    panels = grid[1].subgridspec(rows, min(COLUMNS, len(memories))).subplots(sharex=True, sharey=True, squeeze=False)
    for place, (axes, memory) in enumerate(zip(panels.flat, memories, strict=False)):
        _draw_memory(axes, basins[basins["memory"] == memory], memory, style.model_colour(memory, families.get(memory)))
        if place % COLUMNS == 0:
            axes.set_ylabel("share of starts")
        if place + COLUMNS >= len(memories):  # nothing stands below
            axes.tick_params(labelbottom=True)
            axes.set_xlabel("flipped bits")
    for axes in panels.flat[len(memories) :]:
        axes.set_axis_off()
    text = "All states of small memories, by the attractor that they end in; beside: how many attractors"
    _draw_key(figure.add_subplot(grid[2]), KINDS, attractors["kind"][attractors["estimate"] > 0], text)
    bars = grid[3].subgridspec(1, len(settings)).subplots(sharey=True, squeeze=False)[0]
    for axes, (data, neurons, stored) in zip(bars, settings, strict=True):
        chosen = attractors[
            (attractors["data"] == data) & (attractors["neurons"] == neurons) & (attractors["stored"] == stored)
        ]
        _draw_states(axes, chosen, rules)
        axes.set_title(f"{stored} {data}", fontsize=8, loc="left")
    bars[0].set_yticks(range(len(rules)), [style.readable(rule) for rule in rules], fontsize=style.SMALL)
    bars[0].set_ylim(len(rules) - 0.5, -0.5)
    return figure


def _note(basins, attractors):
    n, states = basins["n"], sorted({2 ** int(neurons) for neurons in attractors["neurons"]})
    counts = f"n = {int(n.min()):,}" if n.min() == n.max() else f"n = {int(n.min()):,} to {int(n.max()):,}"
    return (
        f"Above: {counts} starts a memory and distance, {int(basins['seeds'].max())} seeds; white bars: 95 % intervals"
        f" over seeds of the share that returns. Below: all {' and '.join(f'{number:,}' for number in states)} states"
        f" followed, means over {int(attractors['seeds'].max())} seeds, each with patterns of its own; columns: how"
        " many patterns are stored, and of what kind. Recall asynchronous, sequential."
    )


def _draw_key(axes, kinds, present, text):
    marks = [Patch(color=colour, label=label) for name, (colour, label) in kinds.items() if name in set(present)]
    axes.set_axis_off()
    axes.set_title(text, loc="left")
    axes.legend(handles=marks, ncols=len(marks), **_KEY)


def _draw_memory(axes, shares, memory, colour):
    """One memory: what becomes of the starts at each distance, stacked, the share that returns at the bottom."""
    table = shares.pivot_table(index="distance", columns="outcome", values="estimate", sort=True)
    present = [outcome for outcome in OUTCOMES if outcome in table]
    axes.stackplot(
        table.index,
        *(table[outcome] for outcome in present),
        colors=[OUTCOMES[outcome][0] for outcome in present],
        linewidth=0,
    )
    back = style.with_ends(shares[shares["outcome"] == "returned"])
    axes.vlines(back["distance"], back["low"], back["high"], color="white", linewidth=1.1)
    axes.set(xlim=(table.index.min(), table.index.max()), ylim=(0, 1), yticks=[0, 0.5, 1])
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
    axes.set_title(textwrap.fill(style.readable(memory), 16), fontsize=8, color=colour, fontweight="bold")


def _draw_states(axes, table, rules):
    """Small networks of one kind: for each rule a bar of all states by the kind of attractor that draws them, and the
    number of attractors.
    """
    for row, rule in enumerate(rules):
        mine = table[table["rule"] == rule].set_index(["quantity", "kind"])["estimate"]
        if mine.empty:
            continue
        left = 0.0
        for kind, (colour, _) in KINDS.items():
            share = mine.get(("share_of_states", kind), 0.0)
            axes.barh(row, share, left=left, height=0.72, color=colour, linewidth=0)
            left += share
        number = mine["attractors"].sum()
        axes.annotate(
            f"{number:.3g}" if number < 100 else f"{number:,.0f}",
            (1.02, row),
            va="center",
            fontsize=style.SMALL,
            annotation_clip=False,
        )
    axes.set(xlim=(0, 1), xticks=[])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
