"""What patterns of each part look like, by distance from the nearest image: beyond which distance do they stop showing
what they showed?
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from weightspace.data.patterns import unpack
from weightspace.figures import style
from weightspace.figures.pattern_partition import PARTS
from weightspace.pattern_space import NOTHING, SHOWN

_TILE = 0.62  # inches


@style.paper()
def draw_pattern_examples(arrays: Mapping[str, Any], *, families: Mapping[str, str]) -> Figure:
    """Draw examples from the file of `choose_pattern_examples`: for a network and a memory by part and distance, and
    below patterns far away.

    Args: arrays; families, family of both models (`style.model_colour`).

    Returns:
        A matplotlib Figure.
    """
    shape, distances = tuple(int(side) for side in arrays["shape"]), arrays["distances"]
    note = (
        "Each the first pattern of its kind that was drawn (seed 0); empty where none of the draws was. Below each:"
        " label of the nearest image → answer. Bottom row: one image with more and more pixels flipped, and patterns"
        " that are no images, with the distance of the nearest image and the answers of network | memory."
    )
    met = [
        line
        for line in range(len(SHOWN))
        if any((arrays[f"{kind}_label"][line] != NOTHING).any() for kind in ("network", "memory"))
    ]
    figure = style.new_figure(
        _TILE * 1.35 * len(met) + 2.7, title="At which distance do images stop showing what they showed?", note=note
    )
    upper, lower = figure.subfigures(2, 1, height_ratios=(_TILE * 1.35 * len(met) + 0.4, 1.35), squeeze=False)[:, 0]
    for part, kind in zip(upper.subfigures(1, 2, wspace=0.03), ("network", "memory"), strict=True):
        _draw_model(
            part,
            {name.removeprefix(f"{kind}_"): array for name, array in arrays.items() if name.startswith(kind)},
            distances,
            shape,
            met,
            families,
        )
    panels = lower.subplots(1, len(arrays["far_names"]))
    for place, axes in enumerate(panels):
        _show(axes, arrays["far_packed"][place], shape)
        axes.set_title(str(arrays["far_names"][place]), fontsize=style.SMALL)
        answers = " | ".join(_word(arrays[f"{kind}_far"][place]) for kind in ("network", "memory"))
        axes.set_xlabel(f"{int(arrays['far_nearest'][place])} bits away\n{answers}", fontsize=style.SMALL)
    return figure


def _draw_model(part, model, distances, shape, met, families):
    name = str(model["name"])
    part.suptitle(style.readable(name), fontsize=9, color=style.model_colour(name, families.get(name)))
    panels = part.subplots(len(met), len(distances), squeeze=False)
    for row, line in enumerate(met):
        kind = SHOWN[line]
        for column, distance in enumerate(distances):
            axes, label = panels[row, column], model["label"][line, column]
            if row == 0:
                axes.set_title(f"{int(distance)} bit{'' if distance == 1 else 's'}", fontsize=style.SMALL)
            if label == NOTHING:
                style.frame(axes)
                axes.spines[:].set_visible(False)
            else:
                _show(axes, model["packed"][line, column], shape)
                axes.set_xlabel(f"{label} → {_word(model['answer'][line, column])}", fontsize=style.SMALL, labelpad=1)
            if column == 0:
                axes.set_ylabel(f"$P_{{{kind[2:]}}}$", color=PARTS[kind][0], rotation=0, ha="right", va="center")


def _show(axes, packed, shape):
    style.frame(axes)
    axes.imshow(
        np.asarray(unpack(packed[None], shape[0] * shape[1])).reshape(shape),
        cmap=style.INK_MAP,
        vmin=-1,
        vmax=1,
        interpolation="nearest",
    )


def _word(answer):
    return "none" if answer < 0 else str(int(answer))
