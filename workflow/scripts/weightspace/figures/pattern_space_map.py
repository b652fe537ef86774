"""All 2^N patterns of a small space on a plane, neighbours near: what they are to a network and to a memory, and the
memory's basins.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Int64, Shaped
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from weightspace.figures import style
from weightspace.figures.pattern_partition import PARTS
from weightspace.pattern_space import KINDS

_FAR = ("#F0F0F0", "$P_r$ farther than that")
_LEARNT = ("#000000", "$P_t$ learnt")
_SPURIOUS = {
    "mixture": ("#555555", "mixture of three"),
    "other": ("#BBBBBB", "other spurious state"),
    "not_settled": ("#000000", "not settled"),
}
_STORED = ("#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#5B3A8E", "#8A8A00", "#8F3B00", "#003F66", "#E8865A")


@style.paper()
def draw_pattern_space_map(
    maps: Mapping[str, Shaped[np.ndarray, "..."]],
    *,
    network: str,
    memory: str,
    radius: int,
    dataset: str,
    families: Mapping[str, str],
) -> Figure:
    """Draw the maps of one way of shrinking.

    Args:
        maps: arrays of the file that `count_patterns_exactly` writes; network, memory: names of models in it.
        radius: Hamming distance (bits) up to which patterns belong to R.
        dataset: name for the note.
        families: family of both models (`style.model_colour`).

    Returns:
        A matplotlib Figure.
    """
    size = (len(maps["distances"]) - 1).bit_length()
    near = f"within {radius} bit{'s' if radius > 1 else ''} of a labelled image"
    note = (
        f"{dataset}, seed 0: all 2^{size} patterns, each one cell. Columns run through the lower half of the pixels and"
        f" rows through the upper half in Gray code, so that cells side by side differ in one pixel. R: {near}. Right:"
        " the state in which recall ends; stored patterns each in a colour of its own, their complements paler."
    )
    figure = style.new_figure(3.6, title="Which patterns does a model take for what?", note=note)
    head, body = figure.subfigures(2, 1, height_ratios=(0.34, 2.2), squeeze=False)[:, 0]
    _draw_key(head, present=set(maps[f"{memory}/attractor_kinds"]))
    panels = body.subplots(1, 3)
    far = maps["distances"] > radius
    for axes, name, key in ((panels[0], network, f"{network}/answer"), (panels[1], memory, f"{memory}/nearest")):
        _draw_parts(axes, np.where(far, len(KINDS), maps[key]), size)
        axes.set_title(style.readable(name), color=style.model_colour(name, families.get(name)), fontweight="bold")
    _draw_basins(panels[2], maps, memory, size)
    panels[2].set_title(f"its {len(maps[f'{memory}/attractors'])} basins")
    return figure


def _draw_key(head, present):
    marks = [
        Patch(color=colour, label=label) for colour, label in (_LEARNT, *(PARTS[kind] for kind in KINDS[1:-1]), _FAR)
    ]
    marks += [
        Patch(color=colour, label=f"basins: {label}") for kind, (colour, label) in _SPURIOUS.items() if kind in present
    ]
    head.legend(
        handles=marks, ncols=4, loc="center left", frameon=False, fontsize=style.SMALL, handlelength=1, columnspacing=1
    )


def gray_places(bits: int) -> Int64[np.ndarray, " codes"]:
    """Place of each of 2^bits numbers in the order of the Gray code, in which neighbours differ in one bit."""
    places = np.arange(2**bits)
    order = places ^ (places >> 1)
    return np.argsort(order)


def on_plane(values: Shaped[np.ndarray, " all"], size: int) -> Shaped[np.ndarray, "low high"]:
    """Values of all 2^N patterns in counting order as a picture, its rows by the lower and its columns by the higher
    half of the bits.
    """
    low = size // 2
    grid = np.asarray(values).reshape(2 ** (size - low), 2**low)  # (high bits, low bits)
    picture = np.empty_like(grid)
    picture[np.ix_(gray_places(size - low), gray_places(low))] = grid
    return picture.T


def _draw_parts(axes, kinds, size):
    colours = [_LEARNT[0], *(PARTS[kind][0] for kind in KINDS[1:]), _FAR[0]]
    axes.imshow(
        on_plane(kinds, size),
        cmap=ListedColormap(colours),
        vmin=-0.5,
        vmax=len(colours) - 0.5,
        interpolation="nearest",
        aspect="auto",
    )
    axes.set_box_aspect(1)
    style.frame(axes)


def _draw_basins(axes, maps, memory, size):
    ends, codes, kinds = (maps[f"{memory}/{name}"] for name in ("ends", "attractors", "attractor_kinds"))
    colours = np.array([to_rgb(_SPURIOUS.get(kind, _FAR)[0]) for kind in kinds])
    stored = dict(zip(codes[kinds == "stored"].tolist(), _STORED * len(codes), strict=False))
    for place, (code, kind) in enumerate(zip(codes.tolist(), kinds, strict=True)):
        if kind == "stored":
            colours[place] = to_rgb(stored[code])
        elif kind == "complement":
            colours[place] = 0.45 * np.array(to_rgb(stored[2**size - 1 - code])) + 0.55
    places = np.searchsorted(codes, ends)
    picture = np.stack([on_plane(colours[places, channel], size) for channel in range(3)], axis=-1)
    axes.imshow(picture, interpolation="nearest", aspect="auto")
    axes.set_box_aspect(1)
    style.frame(axes)
