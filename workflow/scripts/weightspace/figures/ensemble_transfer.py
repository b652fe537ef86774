"""Whether attacks on an ensemble mislead models of a learning rule that it does not hold, beside what single networks
achieve.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.figures import style

LOOKS = {
    "leave_one_out": ("#D55E00", "o", "models of other rules together"),
    "deep_networks": ("#0072B2", "s", "as many deep networks together"),
}
SINGLE = ("#9A9A9A", "|", "one network")
RULES = {
    "feedforward": "feedforward networks",
    "recurrent": "recurrent network",
    "own": "networks of the user's own",
    "dense": "dense memories",
    "hopfield": "memories of sign rules",
    "least": "least of these",
}


@style.paper()
def draw_ensemble_transfer(ensembles: pd.DataFrame, *, attack: str, budget: float) -> Figure:
    """Draw net success by held-out learning rule, sources beside one another.

    ``ensembles`` is the table of this name.
    """
    table = ensembles[
        (ensembles["attack"] == attack) & np.isclose(ensembles["budget"], budget) & (ensembles["quantity"] == "net")
    ]
    rules = [rule for rule in RULES if rule in set(table["held_out"])]
    title = "Do attacks on an ensemble mislead other learning rules?"
    if not rules:
        return style.nothing_to_show(title, "no ensemble with models held out that answer the same images as networks")
    figure = style.new_figure(
        0.5 * len(rules) + 2.0,
        title=title,
        note=_note(table, attack, budget),
    )
    key, axes = figure.subplots(2, height_ratios=(0.25, 0.5 * len(rules)))
    axes.axvline(0, color=style.SOFT, linewidth=0.7)
    for row, rule in enumerate(rules):
        _draw_rule(axes, table[table["held_out"] == rule], row)
    axes.set_yticks(range(len(rules)), [RULES[rule] for rule in rules])
    axes.set_ylim(len(rules) - 0.5, -0.5)
    if rules[-1] == "least":
        axes.axhline(len(rules) - 1.5, color=style.SOFT, linewidth=0.7)
    axes.set_xlabel("misclassified under attack less with noise of the same size (share)")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    _draw_key(key)
    return figure


def _draw_key(axes: Axes) -> None:
    looks = (*LOOKS.values(), SINGLE)
    handles = [
        axes.plot([], [], color=colour, marker=mark, linestyle="none", label=text)[0] for colour, mark, text in looks
    ]
    axes.set_axis_off()
    axes.legend(
        handles=handles,
        loc="center left",
        ncols=3,
        frameon=False,
        fontsize=style.SMALL,
        handletextpad=0.1,
        columnspacing=1,
        borderaxespad=0,
        borderpad=0,
    )


def _draw_rule(axes: Axes, table: pd.DataFrame, row: int) -> None:
    for source, cell in style.with_ends(table).set_index("source").iterrows():
        if source in LOOKS:
            colour, mark, _ = LOOKS[source]
            height = row + (-0.2 if source == "leave_one_out" else 0.2)
            axes.plot([cell["low"], cell["high"]], [height, height], color=colour, linewidth=1.4, zorder=3)
            axes.plot(cell["estimate"], height, color=colour, marker=mark, markersize=5, zorder=4)
    single = table[~table["source"].isin(LOOKS)]
    axes.plot(
        single["estimate"],
        np.full(len(single), row),
        color=SINGLE[0],
        marker=SINGLE[1],
        markersize=9,
        linestyle="none",
        zorder=2,
    )
    best = single.sort_values("estimate").tail(1)
    for _, cell in best.iterrows():
        text = f" {style.readable(cell['source'])}"
        axes.annotate(
            text,
            (cell["estimate"], row),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
            color=style.SOFT,
        )


def _note(table: pd.DataFrame, attack: str, budget: float) -> str:
    return (
        f"{style.readable(attack)}, largest change of a pixel {budget:g}; images that the target and all networks get"
        f" right when clean; bars: 95 % intervals over {int(table['seeds'].max())} seeds, n = {int(table['n'].max()):,}"
        " answers at most. Least: on the rule that the other half of the seeds chose. A single network or the deep"
        " ensemble is shown only for rules that it does not hold; the best is named. Memories see the image binarised."
    )
