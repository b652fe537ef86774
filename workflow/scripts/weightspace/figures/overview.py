"""A contact sheet: all figures of a run on one picture, each under its name."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from weightspace.figures import style

COLUMNS = 4
CELL = 720  # pixels: width of a figure on the sheet
GAP = 36
NAME = 44  # height of a name's line
DPI = 200


@style.paper()
def draw_overview(paths: Sequence[str | Path]) -> Figure:
    """Draw the pictures row by row, in the order given, none enlarged or distorted, at 200 dpi.

    Args:
        paths: of PNG files; their stems are the names.
    """
    pictures = [_shrunk(path) for path in paths]
    rows = [pictures[start : start + COLUMNS] for start in range(0, len(pictures), COLUMNS)]
    heights = [max(picture.shape[0] for picture in row) + NAME + GAP for row in rows]
    width, height = GAP + COLUMNS * (CELL + GAP), sum(heights) + GAP
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    top = height - GAP
    for number, (row, taken) in enumerate(zip(rows, heights, strict=True)):
        for column, picture in enumerate(row):
            left = GAP + column * (CELL + GAP)
            name = Path(paths[number * COLUMNS + column]).stem
            figure.text(left / width, top / height, style.readable(name), va="top", fontsize=10, weight="bold")
            # From the lower left corner, in pixels: one pixel of the picture is one of the sheet.
            figure.figimage(picture, left, top - NAME - picture.shape[0], origin="upper")
        top -= taken
    return figure


def _shrunk(path):
    """A picture (H, W, 3) of uint8, as wide as a cell at most."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    factor = min(1.0, CELL / picture.width)
    size = math.floor(picture.width * factor), math.floor(picture.height * factor)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
