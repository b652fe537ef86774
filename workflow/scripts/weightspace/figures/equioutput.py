"""Figure 6: a layer's weights and its interchanged and flipped copies, what the copies change at the output, and how
far apart they lie.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpecFromSubplotSpec

from weightspace.figures import style

ROWS = ("as trained", "interchanged", "flipped", "both")
_DIGITS = {"float32": ("o", "● rounding,\nsingle"), "float64": ("D", "◆ rounding,\ndouble")}


@style.paper()
def draw_equioutput(table: pd.DataFrame, example: Mapping[str, np.ndarray]) -> Figure:
    """Draw the hidden units of a trained network and of three copies, and below largest output changes and angles
    between copies.

    Args:
        table: the table `equioutput`; drawn are ``output_deviation`` and ``angle_of_nearest_copy`` with ``low``,
            ``high``, ``n`` and ``seeds``.
        example: the arrays of `equioutput.example`, with the images' ``shape``.
    """
    trained = table.loc[~table["weights"].isin(["random", "trained_by_width"]), "weights"].iloc[0]
    copies = table[table["weights"].isin(["random", trained])]
    figure = style.new_figure(5.5, title="Which other weights give the same network?", note=_note(copies, example))
    grid = figure.add_gridspec(2, 1, height_ratios=(2.7, 2.0))
    _draw_units(
        grid[0].subgridspec(
            len(ROWS), example["unit"].shape[1] + 1, width_ratios=[*[1] * example["unit"].shape[1], 1.35]
        ),
        figure,
        example,
    )
    below: Any = grid[1].subgridspec(1, 2, width_ratios=(1, 1.45)).subplots()
    _draw_deviations(below[0], copies[copies["quantity"] == "output_deviation"])
    _draw_angles(below[1], copies[copies["quantity"] == "angle_of_nearest_copy"], example)
    return figure


def _note(copies: pd.DataFrame, example: Mapping[str, np.ndarray]) -> str:
    deviations = copies[copies["quantity"] == "output_deviation"]
    trained = deviations[deviations["weights"] != "random"].iloc[0]
    shown, all_units, name = example["unit"].shape[1], int(trained["hidden"]), style.readable(trained["weights"])
    return (
        f"Above: incoming weights of {shown} of the {all_units} hidden units of {name}, seed 0 (orange positive, purple"
        " negative); under each, which unit it is and its sign; at the right the largest change of any output. Below"
        f" left: largest change of all cases of {int(trained['seeds'])} seeds; {int(trained['n']):,}"
        " answers of the trained network were compared. Below right: angles as seen from the origin, seed 0; dashed:"
        " to the nearest of all other copies, mean over seeds."
    )


def _draw_units(grid: GridSpecFromSubplotSpec, figure: Figure, example: Mapping[str, np.ndarray]) -> None:
    """One row of small images for each copy, numbered by unit."""
    limit = np.quantile(np.abs(example["incoming"]), 0.995)
    for row, text in enumerate(ROWS):
        for column, weights in enumerate(example["incoming"][row]):
            axes = figure.add_subplot(grid[row, column])
            axes.imshow(
                weights.reshape(example["shape"]),
                cmap=style.DIVERGING,
                vmin=-limit,
                vmax=limit,
                interpolation="nearest",
            )
            style.frame(axes)
            sign = "−" if example["sign"][row, column] < 0 else ""
            changed = example["unit"][row, column] != column or sign
            axes.set_xlabel(
                f"{sign}{example['unit'][row, column] + 1}",
                fontsize=style.SMALL,
                labelpad=1.5,
                fontweight="bold" if changed else None,
            )
            if column == 0:
                axes.set_ylabel(text, fontsize=8, rotation=0, ha="right", va="center", labelpad=5)
        axes = figure.add_subplot(grid[row, -1])
        axes.set_axis_off()
        said = "outputs\nchange by" if row == 0 else _power(float(example["deviation"][row]))
        axes.annotate(
            said,
            (0.5, 0.5),
            xycoords="axes fraction",
            ha="center",
            va="center",
            fontsize=8,
            color=style.SOFT if row == 0 else style.INK,
        )


def _power(number: float) -> str:
    """``7 · 10⁻¹⁶`` as mathematical text."""
    if number == 0:
        return "0"
    exponent = int(np.floor(np.log10(number)))
    return f"${number / 10.0**exponent:.0f}\\cdot 10^{{{exponent}}}$"


def _draw_deviations(axes: Axes, deviations: pd.DataFrame) -> None:
    """Largest change of an output, by network and precision, on a logarithmic axis."""
    largest = deviations.loc[deviations["weights"] == "random", "hidden"].max()
    small = deviations[(deviations["weights"] == "random") & (deviations["hidden"] == largest)]
    kinds = {
        f"all\ncopies,\n{largest} units": small[small["activation"] == "tanh"],
        "random\ncopies,\ntrained": deviations[deviations["weights"] != "random"],
        "control:\nflipped\nReLU": small[(small["activation"] == "relu") & (small["transformation"] == "signs")],
    }
    for place, rows in enumerate(kinds.values()):
        for shift, (precision, (marker, _)) in zip((-0.13, 0.13), _DIGITS.items(), strict=True):
            row = rows[rows["precision"] == precision].iloc[0]
            colour = style.WRONG if place == 2 else style.INK
            floor = np.finfo(np.float64).eps / 8  # a logarithmic axis has no zero
            axes.plot(
                [place + shift] * 2, [max(row["low"], floor), max(row["high"], floor)], color=colour, linewidth=1.2
            )
            axes.plot(place + shift, max(row["estimate"], floor), marker, color=colour, markersize=4.5)
    for precision, (_, text) in _DIGITS.items():
        rounding = float(np.finfo(precision).eps)
        axes.axhline(rounding, color=style.SOFT, linewidth=0.7, linestyle=(0, (4, 3)), zorder=0)
        axes.annotate(text, (3.38, rounding), ha="right", va="bottom", fontsize=style.SMALL, color=style.SOFT)
    axes.set(yscale="log", xlim=(-0.5, 3.4), ylim=(1e-17, 10), title="Largest change of an output in −1 … 1")
    axes.set_xticks(range(len(kinds)), kinds, fontsize=style.SMALL)
    axes.set_yticks([1e-16, 1e-12, 1e-8, 1e-4, 1])
    axes.tick_params(axis="x", length=0)


def _draw_angles(axes: Axes, nearest: pd.DataFrame, example: Mapping[str, np.ndarray]) -> None:
    """Distribution of the angles to other copies, and the angle to the nearest of all."""
    bins = np.arange(0, 181, 5)
    trained = nearest[nearest["weights"] != "random"].iloc[0]
    small = nearest[nearest["weights"] == "random"].sort_values("hidden").iloc[-1]
    total = 2 ** int(small["hidden"]) * np.prod(np.arange(1, int(small["hidden"]) + 1))
    top, (few, many) = 0, (style.SOFT, style.model_colour(trained["weights"], style.NETWORK))
    for angles, colour in ((example["angles_all"], few), (example["angles_drawn"], many)):
        shares = np.histogram(angles, bins)[0] / len(angles)
        axes.stairs(shares, bins, color=colour, fill=True, alpha=0.35)
        axes.stairs(shares, bins, color=colour, linewidth=1)
        top = max(top, shares.max())
    texts = {
        few: (small, f"{int(small['hidden'])} units:\nall {total:,} copies", 0.62),
        many: (trained, f"{int(trained['hidden'])} units:\n{len(example['angles_drawn'])} random copies", 0.97),
    }
    for colour, (row, text, height) in texts.items():
        axes.annotate(
            text, (178, height), xycoords=axes.get_xaxis_transform(), ha="right", va="top", fontsize=8, color=colour
        )
        axes.axvline(row["estimate"], color=colour, linewidth=1, linestyle=(0, (4, 2)))
        look: dict[str, Any] = {
            "va": "top",
            "fontsize": style.SMALL,
            "color": colour,
            "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        }
        axes.annotate(
            f"nearest\n{row['estimate']:.1f}°",
            (row["estimate"] + 2, height),
            xycoords=axes.get_xaxis_transform(),
            **look,
        )
    axes.set(
        xlim=(0, 180),
        ylim=(0, 1.08 * top),
        xticks=range(0, 181, 45),
        xlabel="angle to another copy (degrees)",
        ylabel="share of copies",
    )
    axes.set_title("How far apart are the copies?")
