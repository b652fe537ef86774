"""Adversarial images on their way from the network to the memory, with each model's answer beneath."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.figures import style

CHANGE_MAP = "RdBu_r"
COLUMNS = (  # heading, key of the image, key of the answer
    ("clean", "clean", "network_clean"),
    ("change", None, None),
    ("adversarial", "adversarial", "network_adversarial"),
    ("clean,\nbinarised", "clean_bits", "network_clean_bits"),
    ("adversarial,\nbinarised", "adversarial_bits", "network_adversarial_bits"),
    ("starting from\nclean", "recalled_clean", "memory_clean"),
    ("starting from\nadversarial", "recalled_adversarial", "memory_adversarial"),
)
GROUPS = ((0, 4, "the network looks at"), (5, 6, "the memory settles in"))  # first and last column


@style.paper()
def draw_adversarial_examples(data: Mapping[str, Any]) -> Figure:
    """Draw a row for each image: clean, change, adversarial, both binarised, and what the memory recalls from both.

    Args:
        data: arrays by name. ``label`` (R,); ``clean`` and ``adversarial`` (R, N) uint8 grey levels; ``clean_bits``,
            ``adversarial_bits``, ``recalled_clean`` and ``recalled_adversarial`` (R, N) ±1; the answers
            ``network_clean``, ``network_adversarial``, ``network_clean_bits``, ``network_adversarial_bits``,
            ``memory_clean``, ``memory_adversarial`` (R,), −1 where there is none; ``flipped_bits`` (R,) bits that
            differ after binarisation; ``shape``, height and width; ``budget`` in [0, 1]; ``attack``, ``network``,
            ``memory`` names; ``seed``.

    """
    rows = len(data["label"])
    budget = float(data["budget"])
    figure = style.new_figure(
        1.35 + 0.98 * rows,
        title="What is left of an attack once its image is binarised and recalled?",
        note=(
            f"n = {rows} examples, too few to read a rate from them. Attack {style.readable(data['attack'])} on"
            f" {style.readable(data['network'])}: each grey level changes by at most {budget:g} of full scale. Memory"
            f" {style.readable(data['memory'])}, seed {int(data['seed'])}. Change: red is darker, blue lighter, full"
            f" colour ±{budget:g}; bits that flip: after binarisation. Beneath each image stands the answer; ✗: wrong."
        ),
    )
    panels = figure.subplots(rows, len(COLUMNS), squeeze=False)
    for row in range(rows):
        for column, (heading, image, answer) in enumerate(COLUMNS):
            axes = panels[row, column]
            style.frame(axes)
            if image is None or answer is None:
                _draw_change(axes, data, row, budget)
            else:
                _draw_image(axes, data, row, image, answer)
            if row == 0:
                axes.set_title(
                    "\n\n" + heading if column == 0 else heading, fontsize=8
                )  # empty lines: room for the groups' headings
        panels[row, 0].set_ylabel(f"a {int(data['label'][row])}", rotation=0, ha="right", va="center")
    for first, last, text in GROUPS:
        _draw_group(panels[0, first], panels[0, last], text)
    return figure


def _draw_group(first: Axes, last: Axes, text: str) -> None:
    """A heading with a line over the columns of one model; outside the layout, which would widen its first column to
    the heading's length.
    """
    line = {"arrowstyle": "-", "color": style.SOFT, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0}
    heading = first.annotate(text, (0, 1.5), xycoords="axes fraction", va="bottom", fontsize=8, fontweight="bold")
    rule = first.annotate(
        "", (0, 1.47), (1, 1.47), xycoords="axes fraction", textcoords=last.transAxes, arrowprops=line
    )
    for artist in (heading, rule):
        artist.set_in_layout(False)


def _draw_image(axes: Axes, data: Mapping[str, Any], row: int, image: str, answer: str) -> None:
    """An image and, beneath it, the answer of the model that looks at it."""
    pixels = data[image][row].reshape(data["shape"])
    lowest, highest = (0, 255) if pixels.dtype == np.uint8 else (-1, 1)
    axes.imshow(pixels, cmap=style.INK_MAP, vmin=lowest, vmax=highest, interpolation="nearest")
    given = int(data[answer][row])
    wrong = given != int(data["label"][row])
    text = "none" if given < 0 else str(given)
    look: dict[str, Any] = {"color": style.WRONG, "fontweight": "bold"} if wrong else {}
    axes.set_xlabel(f"{text} ✗" if wrong else text, fontsize=9, labelpad=2, **look)
    if wrong:
        axes.spines[:].set(color=style.WRONG, linewidth=1.2)


def _draw_change(axes: Axes, data: Mapping[str, Any], row: int, budget: float) -> None:
    """The signed change of the grey levels and how many bits it flips."""
    change = (data["adversarial"][row].astype(float) - data["clean"][row]) / 255
    axes.imshow(change.reshape(data["shape"]), cmap=CHANGE_MAP, vmin=-budget, vmax=budget, interpolation="nearest")
    axes.set_xlabel(f"{int(data['flipped_bits'][row])} bits flip", fontsize=style.SMALL, labelpad=2.5)
