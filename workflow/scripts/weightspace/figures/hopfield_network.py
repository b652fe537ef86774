"""Figure 1: a network of six neurons, its weights on the edges, and every state in which it can rest."""

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from weightspace.figures import style

STORED, COMPLEMENT, SPURIOUS = 0, 1, 2
KIND_COLOURS = {STORED: "#444444", COMPLEMENT: "#A6A6A6", SPURIOUS: "#FFFFFF"}
ROWS = 9  # rest states shown; with more, the largest basins and a row for the others


@style.paper()
def draw_hopfield_network(data: Mapping[str, np.ndarray]) -> Figure:
    """Draw the weights of a small memory and its fixed points.

    Args:
        data: arrays by name. ``weights`` (n, n) integers with zero diagonal and ``scale``, by which they are divided;
            ``patterns`` (P, n) ±1 and their ``labels`` (P,); of all S states ``states`` (S, n) ±1, ``energy`` (S,),
            ``target`` (S,) the index of the state reached by sequential asynchronous recall, and ``kind`` (S,) of that
            state (0 stored, 1 complement of a stored one, 2 spurious); ``shape`` (2,) pixels down and across; ``seed``.

    Returns:
        A matplotlib Figure.
    """
    count, neurons = data["states"].shape
    stored = len(data["patterns"])
    figure = style.new_figure(
        3.75,
        title=f"In which states does a memory of {neurons} neurons come to rest?",
        note=(
            f"n = all {count} states of {neurons} neurons ({data['shape'][0]} × {data['shape'][1]} pixels), each"
            " followed to its rest by sequential asynchronous recall (a tie keeps the state); stored patterns:"
            f" {stored}; one network, seed {int(data['seed'])}. Energy E = −½ sᵀWs; dotted edges weigh 0."
        ),
    )
    network, rests = figure.subplots(1, 2, width_ratios=(1.15, 1))
    _draw_weights(network, np.asarray(data["weights"]) / float(data["scale"]), data["shape"])
    _draw_rest_states(rests, data)
    return figure


def _draw_weights(axes, weights, shape):
    """Neurons on a circle; an edge's colour and width say its weight, and so does the number on it."""
    neurons = len(weights)
    angles = np.pi / 2 - 2 * np.pi * np.arange(neurons) / neurons
    places = np.column_stack([np.cos(angles), np.sin(angles)])
    largest = np.abs(weights).max() or 1.0
    for i, j, share in _edges(neurons):
        _draw_edge(axes, places[[i, j]], weights[i, j], largest=largest, share=share)
    for i, place in enumerate(places):
        axes.add_patch(Circle(place, 0.12, facecolor="white", edgecolor=style.INK, linewidth=1, zorder=4))
        axes.annotate(str(i + 1), place, ha="center", va="center_baseline", fontsize=9, zorder=5)
    axes.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", anchor="N", title="Its weights")
    axes.set_axis_off()
    _draw_pixel_key(axes, shape)


def _edges(neurons):
    """Every pair of neurons once, as ``(i, j, share)``: its number stands at this share of the way from i to j, where
    no other edge crosses.
    """
    for i in range(neurons):
        for steps in range(1, neurons // 2 + 1):
            if 2 * steps < neurons:
                yield i, (i + steps) % neurons, 0.5 if steps == 1 else 0.2
            elif i % 2 == 0:  # diameters: from every other neuron, so that the numbers stand apart around the centre
                yield i, (i + steps) % neurons, 0.36


def _draw_pixel_key(axes, shape):
    """Which neuron is which pixel."""
    down, across = (int(length) for length in shape)
    key = axes.inset_axes((-0.12, -0.1, 0.095 * across, 0.095 * down))
    key.set(xlim=(-0.5, across - 0.5), ylim=(down - 0.5, -0.5), aspect="equal", xticks=[], yticks=[])
    for pixel in range(down * across):
        key.annotate(
            str(pixel + 1), (pixel % across, pixel // across), ha="center", va="center_baseline", fontsize=style.SMALL
        )
    style.frame(key)
    key.annotate(
        "neuron of\neach pixel",
        (1.1, 0.2),
        xycoords="axes fraction",
        va="center",
        fontsize=style.SMALL,
        color=style.SOFT,
    )


def _draw_edge(axes, ends, weight, *, largest, share):
    """A line between two neurons, and the weight at a share of its length; a thin dotted one where the weight is
    zero.
    """
    if weight == 0:
        axes.plot(*ends.T, color="#DDDDDD", linewidth=0.6, linestyle=(0, (2, 3)), zorder=1)
        return
    colour = matplotlib.colormaps[style.DIVERGING](0.5 + 0.4 * weight / largest)
    axes.plot(*ends.T, color=colour, linewidth=0.8 + 3.6 * abs(weight) / largest, zorder=2, solid_capstyle="butt")
    # Along the edge, upright, so that the number hides no edge but its own.
    across, up = ends[1] - ends[0]
    turn = (np.degrees(np.arctan2(up, across)) + 89.9) % 180 - 89.9
    look = {
        "ha": "center",
        "va": "center",
        "fontsize": style.SMALL,
        "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.4},
    }
    axes.annotate(style.signed(weight), (1 - share) * ends[0] + share * ends[1], rotation=turn, zorder=3, **look)


def _draw_rest_states(axes, data):
    """A bar for every rest state: how many states end there; beside it its pixels, what it is, and its energy."""
    rows, others = _rest_states(data)
    height = len(rows) + bool(others)
    beside = {"xycoords": "axes fraction", "ha": "right", "va": "center"}
    for row, (state, basin) in enumerate(rows):
        axes.barh(
            row, basin, height=0.5, color=KIND_COLOURS[int(data["kind"][state])], edgecolor=style.INK, linewidth=0.6
        )
        axes.annotate(f"{basin}", (basin, row), (3, 0), textcoords="offset points", va="center", fontsize=8)
        pixels = axes.inset_axes((-0.115, 1 - (row + 0.88) / height, 0.1, 0.76 / height))
        pixels.imshow(
            data["states"][state].reshape(data["shape"]), cmap=style.INK_MAP, vmin=-1, vmax=1, interpolation="nearest"
        )
        style.frame(pixels)
        name = f"{_name(data, state)}\nE = {style.signed(data['energy'][state])}"
        axes.annotate(name, (-0.135, 1 - (row + 0.5) / height), fontsize=8, **beside)
    if others:
        rest = f"and {len(others)} more, which\ntogether draw in {sum(basin for _, basin in others)} states"
        axes.annotate(rest, (-0.135, 0.5 / height), fontsize=style.SMALL, color=style.SOFT, **beside)
    largest = max(basin for _, basin in rows)
    axes.set(
        ylim=(height - 0.5, -0.5),
        xlim=(0, 1.15 * largest),
        yticks=[],
        xlabel=f"basin (of {len(data['states'])} states)",
    )
    axes.set_title("Its rest states, lowest energy first", x=0.3)
    axes.xaxis.get_major_locator().set_params(integer=True)


def _rest_states(data):
    """``[(state, basin)]`` to show, by energy, and those left out, which have the smallest basins."""
    states, basins = np.unique(data["target"], return_counts=True)
    largest_first = sorted(zip(states.tolist(), basins.tolist(), strict=True), key=lambda rest: (-rest[1], rest[0]))
    shown = len(states) if len(states) <= ROWS else ROWS - 1
    return sorted(largest_first[:shown], key=lambda rest: _order(data, rest[0])), largest_first[shown:]


def _order(data, state):
    """By energy; of equal ones the stored first. Rounded, since sums of the same weights may differ in the last bit."""
    return round(float(data["energy"][state]), 9), int(data["kind"][state]), state


def _name(data, state):
    overlaps = data["patterns"].astype(int) @ data["states"][state].astype(int)
    closest = int(np.argmax(np.abs(overlaps)))
    label = int(data["labels"][closest])
    return {STORED: f"stored {label}", COMPLEMENT: f"complement of {label}", SPURIOUS: "spurious"}[
        int(data["kind"][state])
    ]
