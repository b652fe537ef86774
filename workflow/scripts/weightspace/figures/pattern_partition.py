"""What the patterns around the images are to each model, shell by shell: the composition of R without T, for all models
side by side.
"""

import textwrap
from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from weightspace.figures import style

COLUMNS = 7  # models side by side
PARTS = {  # from what is right upwards
    "P_g": ("#0072B2", "$P_g$ right"),
    "P_adv": ("#D55E00", "$P_{adv}$ wrong beside a right image"),
    "P_err": ("#E8C7A0", "$P_{err}$ wrong beside a wrong image"),
    "P_none": ("#BDBDBD", "$P_{none}$ no answer"),
}
_PANEL, _HEAD = 1.15, 0.3  # inches: a row of panels with its titles, and the heading of a dataset


@style.paper()
def draw_pattern_partition(shares: pd.DataFrame, datasets: pd.DataFrame, *, families: Mapping[str, str]) -> Figure:
    """Draw stacked shares by distance from the nearest image; a row of panels for each dataset, more where there are
    many models.

    Args:
        shares: the table `pattern_shares`; of memories the read-out ``nearest`` is drawn.
        datasets: the table `pattern_datasets`.
        families: family of each model (`style.model_colour`).

    Returns:
        A matplotlib Figure.
    """
    shown = shares[shares["readout"] != "exact"]
    groups = [(dataset, list(dict.fromkeys(rows["model"]))) for dataset, rows in shown.groupby("dataset", sort=False)]
    rows = [-(-len(models) // COLUMNS) for _, models in groups]
    height = sum(_HEAD + _PANEL * number for number in rows) + 1.5
    figure = style.new_figure(height, title="What are the patterns around the images, by distance?", note=_note(shown))
    parts = figure.subfigures(
        len(groups) + 1, 1, height_ratios=[0.25, *(_HEAD + _PANEL * number for number in rows)], squeeze=False
    )[:, 0]
    _draw_key(parts[0])
    for part, (dataset, models) in zip(parts[1:], groups, strict=True):
        _draw_dataset(
            part,
            shown[shown["dataset"] == dataset],
            {model: style.model_colour(model, families.get(model)) for model in models},
            datasets[datasets["dataset"] == dataset].iloc[0],
        )
    return figure


def _note(shares):
    return (
        "Bars: shares of the patterns at that Hamming distance from the nearest labelled image, those learnt (T) left"
        f" out; means over {int(shares['seeds'].max())} seeds, n = {int(shares['n'].min()):,} to"
        f" {int(shares['n'].max()):,} patterns a bar. Right: the answer is among the labels of the nearest images."
        " Memories: label of the stored pattern nearest to where recall ends (sequential)."
    )


def _draw_key(part):
    marks = [Patch(color=colour, label=label) for colour, label in PARTS.values()]
    part.legend(
        handles=marks,
        ncols=len(marks),
        loc="center",
        frameon=False,
        fontsize=style.SMALL,
        handlelength=1,
        columnspacing=1,
    )


def _draw_dataset(part, shares, colours, dataset):
    rows = -(-len(colours) // COLUMNS)
    name, (patterns, images, bits) = (
        style.readable(dataset["dataset"]),
        (int(dataset[key]) for key in ("patterns", "images", "bits")),
    )
    text = f"{name}: {patterns:,} patterns of {images:,} images among $2^{{{bits}}}$"
    if dataset["label_ceiling"] < 1:
        text += f"; at most {100 * dataset['label_ceiling']:.0f} % of the images can be right"
    part.suptitle(text, x=0.01, ha="left", fontsize=8.5, fontweight="normal")
    panels = part.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, (model, colour) in zip(panels.flat, colours.items(), strict=False):
        _draw_model(axes, shares[shares["model"] == model])
        axes.set_title(
            textwrap.fill(style.readable(model), 13),
            fontsize=style.SMALL,
            color=colour,
            fontweight="bold",
        )
    for axes in panels.flat[len(colours) :]:
        axes.set_axis_off()
    panels[-1, 0].set_xlabel("distance (bits)", fontsize=style.SMALL)
    panels[-1, 0].set_ylabel("share", fontsize=style.SMALL)


def _draw_model(axes, shares):
    table = shares.pivot_table(index="distance", columns="part", values="estimate", sort=True).fillna(0)
    bottom = 0.0
    for part, (colour, _) in PARTS.items():
        axes.bar(table.index, table[part], bottom=bottom, width=1, color=colour, linewidth=0)
        bottom = bottom + table[part]
    axes.set(xlim=(table.index.min() - 0.5, table.index.max() + 0.5), ylim=(0, 1), yticks=[0, 0.5, 1])
    axes.tick_params(labelsize=style.SMALL)
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
