"""One look for all figures: colours, type sizes, and files that are the same bytes for the same data.

The hues are those of Okabe and Ito (2008), which stay apart for colour-blind readers.
No pyplot: figures are plain objects, so nothing of one outlives its job.
"""

import hashlib
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from weightspace.estimates import NONE
from weightspace.files import replacing
from weightspace.report.restructured_text import readable as readable  # figures say style.readable

WIDTH = 6.3  # inches, the text width of an A4 page; type below is legible when a figure fills half of it
SMALL = 7  # points: notes, labels within images
INK = "#222222"
SOFT = "#767676"
WRONG = "#B2182B"
SEQUENTIAL = "viridis"  # lightness rises evenly, so it reads without colour too
INK_MAP = "gray_r"  # images as ink on paper: +1 and full grey level are dark
DIVERGING = "PuOr_r"  # orange above zero, purple below

# What a file would say about when and by what it was made, by format.
STAMPS = {"svg": ("Date", "Creator"), "png": ("Software",), "pdf": ("CreationDate", "Creator", "Producer")}

NETWORK = "network"
_DENSE = ("#5B3A8E", "#8C6BC0", "#38205E", "#9C4FC1", "#B9A3E3", "#6E5AA8")
# Each family of models keeps one hue; the shades within it tell its members apart. A family is all networks, the
# memories of one rule, or the controls of one kind (`plan.Plan.family`).
FAMILIES: dict[str | None, tuple[str, ...]] = {
    "hebbian": ("#009E73", "#005C43", "#5CC9AA"),
    "iterative": ("#D55E00", "#F0A030", "#8F3B00", "#E8865A", "#B8860B", "#C9713A"),
    "storkey": ("#8A8A00", "#5A5A00", "#BDBD3A"),
    "pseudo_inverse": ("#CC79A7", "#96466F", "#E3AECB"),
    "krauth_mezard": ("#7A4A2B", "#A9744F", "#4F2D17"),
    "minimum_probability_flow": ("#A50F36", "#D1496B", "#6B0A23"),
    "dense": _DENSE,
    "trained_dense": _DENSE,
    "continuous": ("#1B9E9E", "#0B5E5E"),
    "nearest_neighbour": ("#555555", "#8C8C8C", "#2B2B2B"),
    "features_recall": ("#C9713A", "#A85A2B"),
    NETWORK: (
        "#0072B2",
        "#56B4E9",
        "#003F66",
        "#00A3C4",
        "#7FA8C9",
        "#3D5A9E",
        "#4C7FA3",
        "#8A97A6",
        "#2F6DB5",
        "#9DB4FF",
    ),
}
# A rule of the user's own has the hue of one of these.
_RULES = ("dense", "hebbian", "iterative", "krauth_mezard", "minimum_probability_flow", "pseudo_inverse", "storkey")
# Shades of what config.yaml ships, so that no two of a figure are alike and a learning rule has the shade of its
# memory; others get one by hash.
SHADES = {
    "tanh_mlp": 0,
    "tanh_mlp_grey": 1,
    "conv": 2,
    "relu_mlp": 3,
    "recurrent": 4,
    "tanh_mlp_deep": 5,
    "tanh_mlp_wide": 6,
    "random_label_mlp": 7,
    "true_label_mlp": 9,
    "features_linear": 8,
    "hebbian": 0,
    "hebbian_40": 0,
    "iterative_40_margin_0": 1,
    "iterative_margin_0": 1,
    "iterative_40_margin_1": 0,
    "iterative_margin_1": 0,
    "iterative_100_margin_0": 4,
    "iterative_100_margin_1": 2,
    "recall_iterative_then_mlp": 3,
    "features_recall": 0,
    "storkey": 0,
    "storkey_40": 0,
    "pseudo_inverse": 0,
    "pseudo_inverse_40": 0,
    "pseudo_inverse_diagonal": 1,
    "krauth_mezard": 0,
    "krauth_mezard_40": 0,
    "minimum_probability_flow": 0,
    "minimum_probability_flow_40": 0,
    "dense_3": 0,
    "dense_40_polynomial_3": 0,
    "dense_40_polynomial_20": 1,
    "dense_exponential": 2,
    "dense_40_exponential": 2,
    "dense_300_exponential": 5,
    "trained_dense": 3,
    "trained_dense_128": 4,
    "continuous_2000": 0,
    "continuous_2000_at_rest": 1,
    "recall_dense_then_mlp": 5,
    "nearest_neighbour": 0,
    "nearest_neighbour_40": 0,
    "features_nearest": 1,
    "nearest_neighbour_2000": 2,
}

PAPER = {
    "font.family": "sans-serif",
    # The first comes with matplotlib, so a PNG has the same glyphs everywhere; the others are for readers of an SVG
    # whose machine lacks it.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "figure.titlesize": 10.5,
    "figure.titleweight": "bold",
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.5,
    "axes3d.xaxis.panecolor": (1, 1, 1, 0),
    "axes3d.yaxis.panecolor": (1, 1, 1, 0),
    "axes3d.zaxis.panecolor": (1, 1, 1, 0),
    "lines.linewidth": 1.4,
    "svg.fonttype": "none",
    "pdf.fonttype": 42,  # TrueType, which publishers ask for; text stays text
    "svg.hashsalt": "weightspace",
}


@contextmanager
def paper() -> Iterator[None]:
    """The style as a context, and, by contextlib, as a decorator: ``with paper(): ...`` or ``@paper()``.

    Starts from matplotlib's defaults, so that a user's own matplotlibrc changes no figure.
    """
    with matplotlib.style.context(["default", PAPER]):
        yield


def model_colour(name: str, family: str | None) -> str:
    """The colour of a model, the same in every figure: the hue by its family, the shade by its name.

    Networks are blue, memories have a hue for each learning rule. A rule of the user's own, or a model of unknown
    family, takes one of the hues by the hash of its name.
    """
    digest = hashlib.sha256(name.encode()).digest()
    shades = FAMILIES.get(family) or FAMILIES[_RULES[digest[1] % len(_RULES)]]
    return shades[SHADES.get(name, digest[0]) % len(shades)]


def new_figure(height: float, *, title: str, note: str, layout: str | None = "constrained") -> Figure:
    """A figure of the common width with its question above and, small beneath, what was measured on how many and which
    seeds.

    Args:
        height: inches.
        title: the question that the figure answers.
        note: n, seeds and what a reader must know to trust the picture.
        layout: ``"constrained"``, or ``None`` where axes are placed by hand.
    """
    engine = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06) if layout == "constrained" else None
    figure = Figure(figsize=(WIDTH, height), layout=engine)
    figure.suptitle(textwrap.fill(title, 72), x=0.01, ha="left")
    figure.supxlabel(textwrap.fill(note, 116), x=0.01, ha="left", fontsize=SMALL, color=SOFT, linespacing=1.35)
    return figure


def with_ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table whose interval is to be drawn: the ends of one that holds all that is possible are missing, since
    a bar or band over the whole panel says nothing and hides the rest.
    """
    if "interval" not in rows:
        return rows
    return rows.assign(**{end: rows[end].where(rows["interval"] != NONE) for end in ("low", "high")})


def nothing_to_show(title: str, what: str) -> Figure:
    """What stands in the place of a figure where a run has nothing of ``what`` it shows."""
    figure = new_figure(1.4, title=title, note=f"This run has {what}.")
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.annotate("nothing to show", (0.5, 0.5), ha="center", va="center", color=SOFT)
    return figure


def frame(axes: Axes) -> None:
    """Turn axes into a framed picture: a thin line all around, no ticks."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, linewidth=0.5, color=SOFT)


def spread(heights: Mapping[str, float], spacing: float) -> dict[str, float]:
    """Move labels apart: ``{label: height}`` with neighbours at least ``spacing`` apart, in the same order and, as a
    whole, where they were.
    """
    ordered = sorted(heights, key=heights.__getitem__)
    groups: list[
        list[Any]
    ] = []  # [sum of wished first heights, labels]: a group stands at the mean of what its labels wish
    for label in ordered:
        groups.append([heights[label], [label]])
        while len(groups) > 1 and _first(groups[-1]) < _first(groups[-2]) + spacing * len(groups[-2][1]):
            wished, labels = groups.pop()
            groups[-1][0] += wished - spacing * len(groups[-1][1]) * len(labels)
            groups[-1][1].extend(labels)
    return {label: _first(group) + spacing * place for group in groups for place, label in enumerate(group[1])}


def _first(group):
    return group[0] / len(group[1])


def join_numbers(numbers: Iterable[float]) -> str:
    """Seeds or pass numbers as people write them: ``0–9`` for a run, ``0, 2, 5`` else."""
    found = sorted({int(number) for number in numbers})
    if len(found) > 2 and found == list(range(found[0], found[-1] + 1)):
        return f"{found[0]}–{found[-1]}"
    return ", ".join(str(number) for number in found)


def signed(number: float, digits: int = 2) -> str:
    """A number with the typographic minus and a plus: ``+0.33``, ``−1.20``; zero without a sign."""
    text = f"{number:+,.{digits}f}"
    if not text.strip("+-0.,"):
        return text[1:]
    return text.replace("-", "−")


def save(figure: Figure, *paths: str | Path) -> None:
    """Write a figure as SVG, as PNG of 200 dpi or as PDF, by the suffix of each path; text stays text, and the same
    data give the same bytes.

    Neither a date nor matplotlib's version is written into the files.
    """
    with paper():
        for path in paths:
            kind = Path(path).suffix.removeprefix(".")
            with replacing(path) as temporary:
                figure.savefig(temporary, format=kind, dpi=200, metadata=dict.fromkeys(STAMPS[kind]))
                if kind == "svg":
                    temporary.write_text(_number_clips(temporary.read_text(encoding="utf-8")), encoding="utf-8")


def _number_clips(svg):
    """Clip paths by number: matplotlib names them by the last digits of their corners, in which the layout differs from
    run to run.
    """
    numbers: dict[str, int] = {}
    return re.sub(
        r'(?<=id=")p[0-9a-f]{10}(?=")|(?<=url\(#)p[0-9a-f]{10}(?=\))',
        lambda found: f"clip{numbers.setdefault(found[0], len(numbers))}",
        svg,
    )
