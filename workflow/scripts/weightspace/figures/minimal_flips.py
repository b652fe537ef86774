"""Error against the number of flipped bits: models compared with a network on images that both answer rightly, and
every model on all images under the best of all attacks, with random flips beside it.
"""

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from weightspace.figures import style

BEST, RANDOM, PORTFOLIO = "best", "random", "portfolio"
COLUMNS = 7
REFERENCE_COLOUR = "#9A9A9A"


@style.paper()
def draw_minimal_flips(
    flips: pd.DataFrame,
    minimal: pd.DataFrame,
    differences: pd.DataFrame,
    *,
    network: str,
    families: Mapping[str, str],
) -> Figure:
    """Draw first the models that are compared with the network under the search for the fewest flips, on images that
    both answer rightly; then one panel a model: error of all images by flipped bits, directly attacked and at random,
    over the network's own curve.

    Args:
        flips: the table `flips`: ``estimate``, ``low``, ``high`` by ``model``, ``attack``, ``budget`` and ``images``;
            ``n``, ``seeds``.
        differences: the table `flip_differences`.
        minimal: the table `minimal_flips`, whose medians of the best attack are written in the panels.
        network: the model whose curve stands in every panel, for comparison.
        families: family of each model (`style.model_colour`).
    """
    rows = flips[(flips["images"] == "all") & flips["attack"].isin([BEST, RANDOM])]
    models = list(dict.fromkeys(rows["model"]))
    compared = _compared(differences, network)
    height, above = -(-len(models) // COLUMNS), 1 if compared else 0
    figure = style.new_figure(
        1.1 + 1.45 * height + 1.7 * above,
        title="How many flipped bits mislead a model?",
        note=_note(rows, network, compared),
    )
    grid = figure.add_gridspec(2 + above, 1, height_ratios=(*(1.6,) * above, 0.16, 1.45 * height))
    if compared:
        _draw_compared(grid[0].subgridspec(1, COLUMNS).subplots(sharey=True), compared, families)
    _draw_key(figure.add_subplot(grid[-2]), network)
    panels = grid[-1].subgridspec(height, COLUMNS).subplots(sharex=True, sharey=True, squeeze=False)
    medians = minimal[(minimal["attack"] == BEST) & (minimal["quantile"] == 0.5)].set_index("model")["estimate"]
    for place, axes in enumerate(panels.flat):
        if place >= len(models):
            axes.set_axis_off()
            continue
        model = models[place]
        colour = style.model_colour(model, families.get(model))
        _draw_model(axes, rows, model, network, medians.get(model), colour)
        if place % COLUMNS == 0:
            axes.set_ylabel("error")
        if place + COLUMNS >= len(models):
            axes.tick_params(labelbottom=True)
            axes.set_xlabel("flipped bits")
    return figure


def _compared(differences, network):
    """By model, its errors and the network's under the search, on images that both answer rightly."""
    rows = differences[(differences["attack"] == PORTFOLIO) & (differences["quantity"] == "error")]
    rows = rows[(rows["reference"] == network) & rows["estimate"].notna()]
    return {
        str(model): group.sort_values("budget") for model, group in list(rows.groupby("model", sort=False))[:COLUMNS]
    }


def _draw_compared(panels, compared, families):
    """The network in grey; around the model's curve the band in which all differences lie together."""
    for axes, (model, rows) in zip(panels, compared.items(), strict=False):
        colour = style.model_colour(model, families.get(model))
        axes.plot(
            rows["budget"], rows["reference_error"], color=REFERENCE_COLOUR, linewidth=1, marker="o", markersize=2
        )
        if "band_low" in rows:
            low, high = (rows["reference_error"] + rows[name] for name in ("band_low", "band_high"))
            axes.fill_between(rows["budget"], low.clip(0, 1), high.clip(0, 1), color=colour, alpha=0.18, linewidth=0)
        axes.plot(rows["budget"], rows["error"], color=colour, linewidth=1.6, marker="o", markersize=2)
        axes.set_xscale("log", base=2)
        axes.set(ylim=(0, 1.05), yticks=[0, 0.5, 1], xticks=[b for b in rows["budget"] if b in (1, 4, 16, 64)])
        axes.minorticks_off()
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_title(textwrap.fill(style.readable(model), 13), fontsize=style.SMALL, color=colour, fontweight="bold")
    for axes in panels[len(compared) :]:
        axes.set_axis_off()
    panels[0].set_ylabel("error, right\nunder both")


def _curve(rows, model, attack):
    return style.with_ends(rows[(rows["model"] == model) & (rows["attack"] == attack)].sort_values("budget"))


def _draw_model(axes, rows, model, network, median, colour):
    reference = _curve(rows, network, BEST)
    if model != network:
        axes.plot(reference["budget"], reference["estimate"], color=REFERENCE_COLOUR, linewidth=1, zorder=1)
    for attack, look in ((RANDOM, (0, (2, 1.5))), (BEST, "solid")):
        curve = _curve(rows, model, attack)
        axes.fill_between(curve["budget"], curve["low"], curve["high"], color=colour, alpha=0.18, linewidth=0, zorder=1)
        axes.plot(
            curve["budget"],
            curve["estimate"],
            color=colour,
            linestyle=look,
            linewidth=1.6 if attack == BEST else 1,
            zorder=2,
        )
    axes.set_xscale("symlog", linthresh=1, linscale=0.5, base=2)
    budgets = sorted(set(rows["budget"]))
    axes.set(
        ylim=(0, 1.3),
        yticks=[0, 0.5, 1],
        xlim=(0, max(budgets)),
        xticks=[value for value in budgets if value in (0, 4, 16, 64)],
    )
    axes.minorticks_off()
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_title(textwrap.fill(style.readable(model), 13), fontsize=style.SMALL, color=colour, fontweight="bold")
    if median is not None and median == median:
        axes.annotate(
            f"median {median:.3g}",
            (0.5, 1.13),
            xycoords=("axes fraction", "data"),
            ha="center",
            va="center",
            fontsize=style.SMALL,
        )


def _draw_key(axes, network):
    looks: dict[str, dict[str, Any]] = {
        "best of all attacks": {"color": style.INK, "linewidth": 1.6},
        "random flips": {"color": style.INK, "linewidth": 1, "linestyle": (0, (2, 1.5))},
        f"best, {style.readable(network)}": {"color": REFERENCE_COLOUR, "linewidth": 1},
    }
    axes.set_axis_off()
    marks = [Line2D([], [], label=text, **look) for text, look in looks.items()]
    axes.legend(handles=marks, loc="center left", ncols=3, frameon=False, fontsize=8, borderaxespad=0, borderpad=0)


def _note(rows, network, compared):
    best, noise = (rows.loc[rows["attack"] == attack, "n"] for attack in (BEST, RANDOM))
    above = ""
    if compared:
        n = [int(one["n"].min()) for one in compared.values()]
        above = (
            f"Top: images that the model and {style.readable(network)} (grey) both answer rightly, n = {min(n):,} to"
            f" {max(n):,} a pair, by the same search with as many queries for both; shade: 95 % band of the difference,"
            " over all numbers of flips together. Below: "
        )
    return (
        above + f"{'share' if compared else 'Share'} of all test images misclassified, clean errors included. n ="
        f" {int(best.min()):,} images a model (random flips: {int(noise.min()):,}), {int(rows['seeds'].max())} seeds;"
        " shades: 95 % intervals over seeds. Best, image by image, of exhaustive single flips, gradients (of smooth"
        " stand-ins for recall), scores and labels; a lower bound beyond one flip. In the panels: median of the"
        " smallest number of flips, of images right when clean. All models see the same patterns of ±1."
    )
