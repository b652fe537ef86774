"""Which model errs on images that were attacked on which: a heat map of errors, with clean images and random noise
beside it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from weightspace.figures import style

Row = tuple[str, str | None, str | None]  # label, source, attack
Column = tuple[str, str, tuple[str, str]]  # how it sees the image, label, (target, answer)

NETWORKS = ("feedforward", "recurrent", "own", "control")
SEES = {"grey": "networks, grey image", "binarised": "networks, binarised", "memory": "memories, 1-NN, binarised"}


@style.paper()
def draw_transfer_matrix(
    transfer: pd.DataFrame,
    *,
    attack: str,
    ensemble_attack: str,
    noise: str | None,
    budget: float,
    rules: Mapping[str, str],
) -> Figure:
    """Draw errors by source (rows) and target (columns).

    Args:
        transfer: the table `transfer`.
        attack: the attack on single networks; ``ensemble_attack`` that on ensembles; ``noise`` the name of the control.
        budget: the one that is drawn.
        rules: learning rule by target, in the order of the columns.

    """
    table = transfer[(transfer["images"] == "all") & np.isclose(transfer["budget"], budget)]
    columns = _columns(table, rules)
    made = [attack, ensemble_attack]
    sources = [source for source in dict.fromkeys(table.loc[table["attack"].isin(made), "source"]) if source != "none"]
    single = [source for source in rules if source in sources]
    together = [source for source in sources if source not in rules]
    rows: list[Row] = [("clean", None, None), ("random noise", "none", noise)]
    rows += [(style.readable(name), name, attack) for name in single] + [
        (style.readable(name), name, ensemble_attack) for name in together
    ]
    errors = np.array(
        [[_error(table, source, how, *column, noise) for *_, column in columns] for _, source, how in rows]
    )
    figure = style.new_figure(
        0.19 * len(rows) + 3.2,
        title="Who is misled by images that were attacked on another model?",
        note=_note(table, made, budget),
    )
    axes = figure.add_subplot()
    picture = axes.imshow(errors, vmin=0, vmax=1, cmap=style.SEQUENTIAL, aspect="auto")
    _write_numbers(axes, errors)
    _label(axes, rows, columns, len(single))
    bar = figure.colorbar(picture, ax=axes, fraction=0.025, pad=0.01)
    bar.set_label("share misclassified")
    bar.outline.set_visible(False)
    return figure


def _columns(table: pd.DataFrame, rules: Mapping[str, str]) -> list[Column]:
    """(how the target sees the image, label, (target, answer)) for each column."""
    present = set(table["target"])
    networks = [name for name, rule in rules.items() if rule in NETWORKS and name in present]
    others = [name for name, rule in rules.items() if rule not in NETWORKS and name in present]
    columns = [(sees, style.readable(name), (name, sees)) for sees in ("grey", "binarised") for name in networks]
    for name in others:
        answers = set(table.loc[table["target"] == name, "answer"])
        columns.append(("memory", style.readable(name), (name, "nearest" if "nearest" in answers else "binarised")))
    return columns


def _error(
    table: pd.DataFrame, source: str | None, attack: str | None, target: str, answer: str, noise: str | None
) -> float:
    cell = table[(table["target"] == target) & (table["answer"] == answer)]
    if source is None:  # clean: the error with noise less what noise adds to it
        noisy = cell[(cell["source"] == "none") & (cell["attack"] == noise)].set_index("quantity")["estimate"]
        return float(noisy.get("error", np.nan) - noisy.get("minus_clean", np.nan))
    found = cell.loc[
        (cell["source"] == source) & (cell["attack"] == attack) & (cell["quantity"] == "error"), "estimate"
    ]
    return float(found.iloc[0]) if len(found) else np.nan


def _write_numbers(axes: Axes, errors: Float[np.ndarray, "R C"]) -> None:
    for row, column in np.ndindex(*errors.shape):
        if np.isfinite(errors[row, column]):
            colour = "white" if errors[row, column] < 0.55 else style.INK
            axes.text(
                column, row, f"{100 * errors[row, column]:.0f}", ha="center", va="center", fontsize=5.5, color=colour
            )


def _label(axes: Axes, rows: Sequence[Row], columns: Sequence[Column], single: int) -> None:
    axes.set_yticks(range(len(rows)), [label for label, *_ in rows], fontsize=style.SMALL)
    axes.set_xticks(range(len(columns)), [label for _, label, _ in columns], fontsize=style.SMALL, rotation=90)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for row in (1.5, 1.5 + single):
        axes.axhline(row, color="white", linewidth=2)
    start = 0
    for sees, text in SEES.items():
        width = sum(kind == sees for kind, *_ in columns)
        if not width:
            continue
        axes.axvline(start + width - 0.5, color="white", linewidth=2)
        axes.annotate(
            text,
            (start + width / 2 - 0.5, -0.62),
            ha="center",
            va="bottom",
            fontsize=style.SMALL,
            annotation_clip=False,
        )
        start += width
    labels = axes.get_yticklabels()
    for label in labels[:2]:
        label.set_fontweight("bold")


def _note(table: pd.DataFrame, made: Sequence[str], budget: float) -> str:
    rows, single = table[table["attack"] == made[0]], style.readable(made[0])
    return (
        f"Rows: on what the images were attacked ({single}, largest change of a pixel {budget:g}); below the line,"
        f" ensembles ({style.readable(made[1])}). Columns: who answers. Numbers: per cent misclassified of all images,"
        f" mean over {int(rows['seeds'].max())} seeds, n = {int(rows['n'].max()):,}; intervals in the table transfer."
    )
