"""Numbers that others have published and ours, one row each, on one axis for shares and loads and one for counts."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.figures import style

_COLOURS = {"agrees": "#0072B2", "differs": "#D55E00"}
_OTHER = "#9A9A9A"  # context, unread, not measured
_GROUPS = ["memories", "spaces", "images"]  # from above
_KEY = (
    ("D", "none", style.INK, "theirs"),
    ("o", _COLOURS["agrees"], _COLOURS["agrees"], "ours, agrees"),
    ("o", _COLOURS["differs"], _COLOURS["differs"], "ours, differs"),
    ("o", _OTHER, _OTHER, "ours, theirs unread"),
)


@style.paper()
def draw_published(published: pd.DataFrame) -> Figure:
    """Draw the table `published`: left shares, loads and ratios, right counts on a logarithmic axis."""
    words = published["verdict"].value_counts()
    said = ", ".join(f"{count} {word}" for word, count in words.items())
    published = published.sort_values("group", key=lambda groups: groups.map(_GROUPS.index), kind="stable")
    counts = published["unit"] == "count"
    parts = (published[~counts], published[counts])
    figure = style.new_figure(
        0.17 * max(map(len, parts)) + 1.6,
        title="Do we find what others have published?",
        note=f"n = {len(published)} published numbers: {said}. Bars: 95 % intervals of what is estimated.",
    )
    key, *axes = figure.subplot_mosaic(
        [["key", "key"], ["shares", "counts"]], height_ratios=(0.3, 0.17 * max(map(len, parts)) + 0.6)
    ).values()
    for panel, rows, label in zip(axes, parts, ("share, load or ratio", "count"), strict=True):
        _draw_rows(panel, rows.reset_index(drop=True))
        panel.set_xlabel(label)
    axes[1].set_xscale("log")
    for marker, face, edge, label in _KEY:
        key.plot([], [], marker, markerfacecolor=face, markeredgecolor=edge, label=label)
    key.set_axis_off()
    key.legend(loc="center", ncols=len(_KEY), frameon=False, fontsize=style.SMALL)
    return figure


def _draw_rows(axes: Axes, rows: pd.DataFrame) -> None:
    for place, (_, row) in enumerate(rows.iterrows()):
        colour = _COLOURS.get(row["verdict"], _OTHER)
        if pd.notna(row["estimate"]):
            axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=1.4, zorder=2)
            axes.plot(row["estimate"], place, "o", color=colour, markersize=4, zorder=3)
        axes.plot(row["theirs"], place, "D", color=style.INK, markerfacecolor="none", markersize=6, zorder=4)
    for place in range(1, len(rows)):
        if rows["group"][place] != rows["group"][place - 1]:
            axes.axhline(place - 0.5, color=style.SOFT, linewidth=0.7)
    axes.set_yticks(range(len(rows)), [style.readable(name) for name in rows["entry"]], fontsize=style.SMALL)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_axisbelow(True)
