"""Figures 2, 4 and 5: the energy between three stored images before and after learning, and what learning does to each
image's neighbours.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from weightspace.figures import style

TITLES = {
    "before": "Before training: are stored images valleys of the energy?",
    "after": "After training: are stored images valleys of the energy?",
}
STATES = {"before": "Hebbian weights, before iterative learning", "after": "after iterative learning"}
NAMES = ("x₀", "x₁", "x₂")
VIEW = {"elev": 32, "azim": -128}
MARK = "#D55E00"
LABEL_BOX = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}


@style.paper()
def draw_landscape(data: Mapping[str, np.ndarray], when: str) -> Figure:
    """Draw the energy over a grid of patterns between three stored images.

    Both moments are drawn with the same axes, view and colour scale, so that the two figures can be laid side by side.

    Args:
        data: arrays by name. ``u`` (G,) and ``v`` (G,) axis values; ``before`` and ``after`` (G, G) energies, indexed
            [u, v]; ``stored`` (3, 2) the (u, v) of three stored images, ``labels`` (3,), ``images`` (3, 28, 28) ±1,
            ``energy_before`` and ``energy_after`` (3,); ``hamming_u``, ``hamming_v`` bits flipped per unit of u and v;
            ``memory`` its name; ``seed``.
        when: ``"before"`` or ``"after"`` training.

    Returns:
        A matplotlib Figure.
    """
    figure = style.new_figure(4.7, title=TITLES[when], note=_note(data, STATES[when]), layout=None)
    axes = figure.add_axes((0.0, 0.135, 0.86, 0.83), projection="3d", computed_zorder=False)
    _draw_surface(axes, data, when)
    _mark_stored(axes, data, when)
    _draw_images(figure, data)
    return figure


def _note(data, moment):
    points = len(data["u"]) * len(data["v"])
    return (
        f"n = {points:,} patterns on a grid; memory {style.readable(data['memory'])}, seed {int(data['seed'])},"
        f" {moment}. Flipping the {int(data['hamming_u'])} bits that differ between x₀ and x₁ leads along u, the"
        f" {int(data['hamming_v'])} between x₀ and x₂ along v; below 0 and above 1 bits that the three images share are"
        " flipped, so that the distance grows on."
    )


def _energy_range(data):
    """The common scale of both moments, with a little air beneath for the floor."""
    lowest = min(data["before"].min(), data["after"].min(), data["energy_before"].min(), data["energy_after"].min())
    highest = max(data["before"].max(), data["after"].max())
    air = 0.08 * max(highest - lowest, 1e-9)
    return lowest - 2 * air, highest + air


def _draw_surface(axes, data, when):
    lowest, highest = _energy_range(data)
    u, v = np.meshgrid(data["u"], data["v"], indexing="ij")
    colours = {"cmap": style.SEQUENTIAL, "norm": Normalize(lowest, highest)}
    mesh = {"rcount": len(data["u"]), "ccount": len(data["v"]), "linewidth": 0.15, "edgecolor": "#FFFFFF40"}
    axes.plot_surface(u, v, data[when], zorder=2, **mesh, **colours)
    axes.contour(
        u,
        v,
        data[when],
        levels=np.linspace(lowest, highest, 22),
        zdir="z",
        offset=lowest,
        linewidths=0.6,
        zorder=1,
        **colours,
    )
    ticks = np.arange(0, max(data["u"].max(), data["v"].max()) + 0.01, 0.5)  # none at the corner that both axes share
    axes.set(xticks=ticks, yticks=ticks)
    axes.set(xlim=(data["u"].min(), data["u"].max()), ylim=(data["v"].min(), data["v"].max()), zlim=(lowest, highest))
    axes.set_xlabel(f"u: from x₀ to x₁, {int(data['hamming_u'])} bits", labelpad=-2)
    axes.set_ylabel(f"v: from x₀ to x₂, {int(data['hamming_v'])} bits", labelpad=-2)
    axes.set_zlabel("energy E", labelpad=4)
    axes.tick_params(pad=-1, labelsize=style.SMALL)
    axes.tick_params(axis="z", pad=2)
    axes.zaxis.set_major_formatter(lambda energy, _: style.signed(energy, 0))
    axes.view_init(**VIEW)
    axes.set_box_aspect((1, 1, 0.72))


def _mark_stored(axes, data, when):
    """A dot on each stored image, a line down to the floor, and its energy."""
    floor = axes.get_zlim()[0]
    for (u, v), energy, name in zip(data["stored"], data[f"energy_{when}"], NAMES, strict=True):
        axes.plot([u, u], [v, v], [floor, energy], color=MARK, linewidth=0.9, linestyle=(0, (3, 2)), zorder=3)
        axes.plot(
            [u],
            [v],
            [energy],
            marker="o",
            markersize=5.5,
            color=MARK,
            markeredgecolor="white",
            markeredgewidth=0.8,
            zorder=5,
        )
        axes.text(
            u, v, energy, f"  {name}: {style.signed(energy, 0)}", fontsize=8, va="center", zorder=4, bbox=LABEL_BOX
        )


def _draw_images(figure, data):
    """The three stored images, one above the other at the right edge."""
    width = 0.115
    height = width * figure.get_figwidth() / figure.get_figheight()
    for number, (image, label) in enumerate(zip(data["images"], data["labels"], strict=True)):
        axes = figure.add_axes((0.865, 0.72 - number * 0.225, width, height))
        axes.imshow(image, cmap=style.INK_MAP, vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(f"{NAMES[number]}, a {int(label)}", fontsize=8, pad=3)
        style.frame(axes)


@style.paper()
def draw_energy_change(data: Mapping[str, np.ndarray], history: pd.DataFrame, *, family: str | None) -> Figure:
    """Draw cuts through both energy surfaces, and the energy change to the stored images' neighbours by learning pass.

    The two surfaces laid over one another hide each other, so they are cut along the lines that join the stored images.

    Args:
        data: as for `draw_landscape`, and ``margin``; the grid holds the lines u = 0 and v = 0.
        history: one row for each seed and pass, with the columns ``pass``, ``seed``, ``flips`` (single flips of stored
            images checked), ``violations`` (those that raise the energy by no more than 2 · margin), and quantiles of
            the energy change ΔE of a flip: ``delta_minimum``, ``delta_q05``, ``delta_median``, ``delta_q95``.
        family: of the memory (`style.model_colour`).

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: no grid line runs through the stored images.
    """
    seeds = style.join_numbers(history["seed"])
    flips = int(history["flips"].iloc[0])
    figure = style.new_figure(
        4.4,
        title="Does learning make every stored image a minimum of the energy?",
        note=(
            f"Memory {style.readable(data['memory'])}. Left: seed {int(data['seed'])}, lines of the grids of figures 2"
            f" and 4. Right: n = {flips:,} single flips per pass and seed (each bit of each stored image), seeds:"
            f" {seeds}; thin lines: one seed, thick: median of the seeds; a seed whose learning has ended keeps its"
            " last value. Pass 0: Hebbian weights."
        ),
    )
    panels = figure.subplot_mosaic([["cut", "change"], ["cut", "share"]], width_ratios=(1, 1.1), height_ratios=(1.5, 1))
    colour = style.model_colour(str(data["memory"]), family)
    _draw_cuts(panels["cut"], data, {"before": style.FAMILIES["hebbian"][0], "after": colour})  # Hebbian at the start
    _draw_changes(panels["change"], history, margin=float(data["margin"]), colour=colour)
    _draw_shares(panels["share"], history, flips=flips, colour=colour)
    panels["share"].xaxis.set_major_locator(MaxNLocator(5, integer=True))
    panels["share"].set_xlim(left=0 if history["pass"].max() > 0 else None)
    panels["change"].sharex(panels["share"])
    panels["change"].tick_params(labelbottom=False)
    return figure


def _draw_cuts(axes, data, colours):
    """Energy from beyond x₂ through x₀ to beyond x₁, by bits flipped from x₀."""
    curves = {when: _cut(data, when) for when in ("before", "after")}
    places = data["stored"] @ [data["hamming_u"], -data["hamming_v"]]
    for when, (bits, energy) in curves.items():
        axes.plot(bits, energy, color=colours[when])
        axes.plot(
            places,
            data[f"energy_{when}"],
            "o",
            color=colours[when],
            markersize=5,
            markeredgecolor="white",
            markeredgewidth=0.8,
        )
    _label_cuts(axes, data, curves, colours)
    for place, name, label in zip(places, NAMES, data["labels"], strict=True):
        axes.annotate(
            f"{name}\na {int(label)}",
            (place, 1.0),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="top",
            fontsize=8,
        )
        axes.axvline(place, ymax=0.9, color="#D8D8D8", linewidth=0.7, zorder=0)
    axes.margins(y=0.16)
    axes.yaxis.set_major_formatter(lambda energy, _: style.signed(energy, 0))
    axes.xaxis.set_major_formatter(lambda count, _: f"{abs(count):.0f}")
    axes.set(xlabel="bits flipped from x₀", title="Energy E between stored images")


def _cut(data, when):
    """Bits flipped from x₀, negative towards x₂, and the energy there."""
    row, column = _grid_line(data["u"], "u"), _grid_line(data["v"], "v")
    bits = np.concatenate([-data["v"][column:][::-1] * data["hamming_v"], data["u"][row + 1 :] * data["hamming_u"]])
    return bits, np.concatenate([data[when][row, column:][::-1], data[when][row + 1 :, column]])


def _label_cuts(axes, data, curves, colours):
    """Name both curves between two stored images, there where they are further apart: one above its highest point, one
    beneath its lowest.
    """
    bits = curves["before"][0]
    towards = {"x2": (bits >= -data["hamming_v"]) & (bits <= 0), "x1": (bits >= 0) & (bits <= data["hamming_u"])}
    gaps = {name: (curves["after"][1] - curves["before"][1])[arm].mean() for name, arm in towards.items()}
    widest = max(gaps, key=lambda name: abs(gaps[name]))
    for when, above in (("before", gaps[widest] < 0), ("after", gaps[widest] >= 0)):
        energy = curves[when][1][towards[widest]]
        place = (bits[towards[widest]].mean(), energy.max() if above else energy.min())
        look = {"ha": "center", "va": "bottom" if above else "top", "color": colours[when], "fontsize": 8}
        axes.annotate(f"{when} training", place, (0, 5 if above else -7), textcoords="offset points", **look)


def _grid_line(values, name):
    index = int(np.argmin(np.abs(values)))
    if abs(values[index]) > 1e-9:
        raise ValueError(
            f"the grid's {name} values lack 0, through which the cut between the stored images runs; the nearest is"
            f" {values[index]:.3g}"
        )
    return index


def _by_pass(history, column):
    """``(passes, seeds)`` table of a column; a seed that ended early keeps its last value, since its weights no longer
    change.
    """
    return history.pivot(index="pass", columns="seed", values=column).sort_index().ffill()


def _draw_seeds(axes, table, colour):
    """A thin line for each seed and a thick one for their median; a dot where learning took no pass."""
    axes.plot(table.index, table, color=colour, linewidth=0.5, alpha=0.35)
    axes.plot(table.index, table.median(axis=1), color=colour, marker="o" if len(table) == 1 else None, markersize=4)


def _draw_changes(axes, history, *, margin, colour):
    """Quantiles of ΔE by pass, named at their right ends."""
    quantiles = {
        "95 % quantile": "delta_q95",
        "median": "delta_median",
        "5 % quantile": "delta_q05",
        "smallest": "delta_minimum",
    }
    threshold = f"2 · margin = {2 * margin:g}"
    colours = {
        "95 % quantile": "#7A7A7A",
        "median": "#4A4A4A",
        "5 % quantile": "#7A7A7A",
        "smallest": colour,
        threshold: style.INK,
    }
    ends = {}
    for label, column in quantiles.items():
        table = _by_pass(history, column)
        _draw_seeds(axes, table, colours[label])
        ends[label] = float(table.iloc[-1].median())
    ends[threshold] = 2 * margin
    axes.axhline(2 * margin, color=style.INK, linewidth=0.9, linestyle=(0, (4, 2)))
    low, high = axes.get_ylim()
    beside = {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points", "va": "center", "fontsize": 8}
    for label, height in style.spread(ends, 0.09 * (high - low)).items():
        axes.annotate(label, (1, height), (3, 0), color=colours[label], **beside)
    axes.yaxis.set_major_formatter(lambda change, _: style.signed(change, 0))
    axes.set(title="ΔE of flipping one bit of a stored image", ylim=(low, high))


def _draw_shares(axes, history, *, flips, colour):
    """Share of flips that violate the condition; logarithmic down to one flip in all, linear below it, so that none is
    shown as none.
    """
    table = 100 * _by_pass(history, "violations") / flips
    single = 100 / flips
    _draw_seeds(axes, table, colour)
    axes.set_yscale("symlog", linthresh=single)
    axes.set(
        xlabel="learning pass",
        title="Flips that raise E too little (%)",
        ylim=(-0.3 * single, min(130, max(2 * table.to_numpy().max(), 100 * single))),
    )
    decades = 10.0 ** np.arange(np.ceil(np.log10(single)), 3)
    axes.set_yticks([0, *decades[decades <= axes.get_ylim()[1]]], minor=False)
    axes.set_yticks([], minor=True)
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:g}")
