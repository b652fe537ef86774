"""Recall before a network, and heads on the same features: error by flipped bits, attacked through the whole."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from weightspace.figures import style

TITLES = {"recall_then_classify": "Recall, then classify (C15)", "same_features": "Heads on the same features (C17)"}


@style.paper()
def draw_purification(differences: pd.DataFrame, *, families: Mapping[str, str]) -> Figure:
    """Draw error under the best attacks by flipped bits, for each comparison a panel, its reference in grey.

    Args:
        differences: the table `flip_differences`: ``error``, ``reference_error``, ``estimate``, ``low``, ``high`` by
            ``comparison``, ``model``, ``reference``, ``attack``, ``budget`` and ``images``; ``n``, ``seeds``.
            Comparisons other than `TITLES` are left out.
        families: family of each model (`style.model_colour`).

    Raises:
        ValueError: the table has none of these comparisons.
    """
    rows = differences[
        (differences["attack"] == "best") & (differences["images"] == "all") & differences["comparison"].isin(TITLES)
    ]
    if rows.empty:
        raise ValueError(f"the table has no rows of the comparisons {', '.join(TITLES)}")
    names = {*rows["model"], *rows["reference"]}
    colours = {name: style.model_colour(name, families.get(name)) for name in names}
    comparisons = [name for name in TITLES if name in set(rows["comparison"])]
    figure = style.new_figure(
        3.4, title="Does recall make a network harder to mislead, and at what cost?", note=_note(rows)
    )
    panels = figure.add_gridspec(2, len(comparisons), height_ratios=(2, 1.1)).subplots(
        sharex=True, sharey="row", squeeze=False
    )
    for above, below, comparison in zip(*panels, comparisons, strict=True):
        chosen = rows[rows["comparison"] == comparison]
        _draw_errors(above, chosen, colours)
        _draw_differences(below, chosen, colours)
        above.set_title(TITLES[comparison], loc="left")
        below.set_xlabel("flipped bits")
    panels[1, 0].set(ylim=(max(-1, rows["estimate"].min() - 0.15), min(1, rows["estimate"].max() + 0.15)))
    panels[0, 0].set_ylabel("error")
    panels[1, 0].set_ylabel("difference")
    return figure


def _draw_errors(axes, rows, colours):
    ends = {}
    for model, curve in rows.groupby("model", sort=False):
        axes.plot(curve["budget"], curve["error"], color=colours[model], linewidth=1.6)
        ends[model] = float(curve["error"].iloc[0])
    reference = rows[rows["model"] == rows["model"].iloc[0]]
    known = rows["reference"].iloc[0]
    axes.plot(
        reference["budget"],
        reference["reference_error"],
        color=colours[known],
        linewidth=1.2,
        linestyle=(0, (3, 1.5)),
    )
    ends[known] = float(reference["reference_error"].iloc[0])
    _scale(axes, rows)
    axes.set(ylim=(0, 1.02), yticks=[0, 0.5, 1])
    for place, name in enumerate(sorted(ends, key=lambda name: ends[name], reverse=True)):
        look = {"fontsize": style.SMALL, "color": colours[name]}
        axes.annotate(style.readable(name), (0.03, 0.94 - 0.09 * place), xycoords="axes fraction", **look)


def _draw_differences(axes, rows, colours):
    axes.axhline(0, color=style.SOFT, linewidth=0.8)
    for model, curve in style.with_ends(rows).groupby("model", sort=False):
        axes.fill_between(curve["budget"], curve["low"], curve["high"], color=colours[model], alpha=0.2, linewidth=0)
        axes.plot(curve["budget"], curve["estimate"], color=colours[model], linewidth=1.4)
    axes.yaxis.set_major_formatter(lambda value, _: style.signed(value, 1))


def _scale(axes, rows):
    budgets = sorted(set(rows["budget"]))
    axes.set_xscale("symlog", linthresh=1, linscale=0.5, base=2)
    axes.set(xlim=(0, max(budgets)), xticks=budgets)
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _note(rows):
    return (
        f"All test images, clean errors (0 flips) included; n = {int(rows['n'].min()):,} a model,"
        f" {int(rows['seeds'].max())} seeds. Above: share misclassified under the best attack, image by image, made"
        " through recall and head; names in the order of the clean errors, the reference dashed. Below: paired"
        " difference to the reference, 95 % intervals over seeds."
    )
