"""Do 95 % intervals hold the truth in 95 of 100 cases, and are they as narrow as they can be?"""

import re

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from weightspace.estimates import CONFIDENCE
from weightspace.figures import style

_COLOURS = ("#0072B2", "#D55E00")


@style.paper()
def draw_coverage(coverage: pd.DataFrame) -> Figure:
    """Draw the table `coverage`: the share of intervals that hold the truth, and their widths, a row per quantity.

    Returns:
        A matplotlib Figure.
    """
    places = np.arange(len(coverage))[::-1]
    note = (
        f"n = {int(coverage['n'].min())} to {int(coverage['n'].max())} intervals of 95 %, each from other draws, seeds"
        " fixed beforehand; bars: Clopper–Pearson intervals of the share. Truth: every pattern visited, or the"
        " hypergeometric distribution. Widths of log10; needed: 3.92 standard deviations of the estimates."
    )
    figure = style.new_figure(0.165 * len(coverage) + 1.7, title="Do the intervals hold what they promise?", note=note)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    colours = dict(zip(dict.fromkeys(coverage["estimator"]), _COLOURS, strict=False))
    colour = coverage["estimator"].map(colours)
    left.axvline(CONFIDENCE, color=style.SOFT, linewidth=0.8)
    left.hlines(places, coverage["low"], coverage["high"], color=colour, linewidth=1)
    left.scatter(coverage["estimate"], places, color=colour, s=12, zorder=3)
    left.set(xlabel="share that holds the truth", xlim=(min(0.8, coverage["low"].min() - 0.02), 1.005))
    left.set_yticks(places, _names(coverage), fontsize=6.5)
    right.scatter(coverage["median_width"], places, color=colour, s=12, label="median")
    right.scatter(coverage["needed_width"], places, marker="|", color=style.INK, s=26, label="needed")
    right.set(xlabel="width (log10)", xscale="log")
    right.legend(
        fontsize=style.SMALL,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        handletextpad=0.2,
        borderpad=0,
    )
    for axes in (left, right):
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    for place, (name, shade) in enumerate(colours.items()):
        left.annotate(
            name, ((-0.9, 0.2)[place], 1.01), xycoords="axes fraction", color=shade, fontsize=style.SMALL, va="bottom"
        )
    return figure


def _names(coverage):
    return [f"{style.readable(row.classifier)}: {_in_letters(row.quantity)}" for row in coverage.itertuples()]


def _in_letters(quantity):
    """``P_adv within 1 bits`` and ``a share of 10^-8`` as people write them."""
    quantity = re.sub(r"10\^(-?\d+)", r"$10^{\1}$", re.sub(r"\b1 bits", "1 bit", quantity))
    part, _, rest = quantity.partition(" ")
    return f"$P_{{{part[2:]}}}$ {rest}" if part.startswith("P_") else quantity
