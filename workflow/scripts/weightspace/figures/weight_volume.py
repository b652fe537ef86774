"""How much of the weight space makes few errors: volume against training error, what generalises there, and binary
weights counted.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.figures import style

GAINS = (
    "#003F66",
    "#0072B2",
    "#56B4E9",
    "#009E73",
    "#E69F00",
    "#D55E00",
)  # dark for nearly linear, bright for nearly signs
TASKS = {
    "teacher": ("#0072B2", "labels of a teacher"),
    "digits": ("#009E73", "odd or even labels"),
    "random": ("#D55E00", "random labels"),
}


@style.paper()
def draw_weight_volume(
    volumes: pd.DataFrame, partition: pd.DataFrame, *, patterns: int, held_out: int, threshold: float, hidden: int
) -> Figure:
    """Draw the curves.

    Args:
        volumes: the table `weight_volume`; its first draw is shown.
        partition: the table `weight_partition`; the perceptron is shown.
        patterns, held_out, threshold, hidden: the settings of the volumes, for the labels.
    """
    first = volumes[volumes["draw"].astype(str) == "0"]
    curves, exact = (first[first["quantity"] == name] for name in ("at_most_errors", "W_e"))
    weights = int(partition.loc[partition["model"] == "perceptron", "weights"].iloc[0])
    figure = style.new_figure(
        3.5,
        title="How small is the part of the weight space that is exact?",
        note=(
            f"Left and middle: tanh network of {hidden} hidden units, even against odd labels, {patterns} training"
            f" patterns, {held_out} held out, one draw; weights uniform on spheres, one per layer, gain = spread of a"
            f" hidden unit's field; n = {int(curves['n'].min())} runs of subset simulation, bands: 95 % intervals."
            f" Right: perceptron, all 2^{weights} weight vectors visited, means and 95 % intervals over"
            f" {int(partition['seeds'].min())} draws of patterns."
        ),
    )
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.2, 1, 1.05))
    _draw_curves(left, curves, exact, patterns)
    _draw_accuracy(middle, curves, threshold, patterns)
    _draw_counted(right, partition[partition["model"] == "perceptron"])
    return figure


def _draw_curves(axes: Axes, curves: pd.DataFrame, exact: pd.DataFrame, patterns: int) -> None:
    for colour, (gain, group) in zip(GAINS, curves.groupby("gain"), strict=False):
        axes.plot(group["errors"], group["estimate"], color=colour, label=f"{gain:g}")
        axes.fill_between(
            group["errors"], group["low"].clip(lower=-60), group["high"], color=colour, alpha=0.25, linewidth=0
        )
    axes.axhline(-6, color=style.SOFT, linewidth=0.8, linestyle=":")
    axes.text(
        patterns / 2, -6.1, "one millionth", ha="right", va="top", fontsize=style.SMALL, color=style.SOFT, clip_on=True
    )
    found = exact.dropna(subset="estimate")
    if len(found):
        low, high = found["estimate"].min(), found["estimate"].max()
        text = f"$W_e$: 10$^{{{low:.1f}}}$ to 10$^{{{high:.1f}}}$" if len(found) > 1 else f"$W_e$: 10$^{{{low:.1f}}}$"
        axes.text(0.03 * patterns, low - 0.3, text, fontsize=style.SMALL, va="top")
        axes.set_ylim(bottom=low - 2)
    axes.set(
        xlabel="training errors, at most",
        ylabel="log10 share of the weight space",
        title="Volume",
        xlim=(0, patterns / 2),
    )
    axes.legend(
        title="gain",
        frameon=False,
        fontsize=style.SMALL,
        title_fontsize=style.SMALL,
        loc="lower right",
        handlelength=1.2,
    )


def _draw_accuracy(axes: Axes, curves: pd.DataFrame, threshold: float, patterns: int) -> None:
    for colour, (_, group) in zip(GAINS, curves.groupby("gain"), strict=False):
        axes.plot(group["errors"], group["held_out_accuracy"], color=colour)
    axes.axhline(0.5, color=style.SOFT, linewidth=0.8, linestyle=":")
    axes.text(patterns / 2, 0.497, "chance", ha="right", va="top", fontsize=style.SMALL, color=style.SOFT)
    axes.axhline(threshold, color=style.SOFT, linewidth=0.8, linestyle=":")
    axes.text(patterns / 2, threshold + 0.003, "generalises", ha="right", fontsize=style.SMALL, color=style.SOFT)
    axes.set(
        xlabel="training errors, at most",
        ylabel="mean held-out accuracy",
        title="What it has learnt",
        xlim=(0, patterns / 2),
    )


def _draw_counted(axes: Axes, partition: pd.DataFrame) -> None:
    exact, shown = style.with_ends(partition[partition["class"] == "exact"]), 0
    for task, (colour, words) in TASKS.items():
        group = exact[(exact["task"] == task) & (exact["estimate"] > 0)]
        if group.empty:
            continue
        with np.errstate(divide="ignore"):
            low, middle, high = (np.log10(group[name]) for name in ("low", "estimate", "high"))
        axes.plot(group["patterns"], middle, color=colour, marker="o", markersize=2.5)
        axes.fill_between(group["patterns"], low.clip(lower=middle - 1), high, color=colour, alpha=0.2, linewidth=0)
        # Named in the corner that falling curves leave free, in the order in which they end.
        axes.text(
            0.98,
            0.98 - 0.08 * shown,
            words,
            color=colour,
            fontsize=style.SMALL,
            ha="right",
            va="top",
            transform=axes.transAxes,
        )
        shown += 1
    axes.set(xlabel="training patterns", ylabel="log10 share that is exact", title="Binary weights, counted")
