"""Errors on corrupted images, by kind and severity: who withstands what no adversary has chosen."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from weightspace.figures import style

SEEDS = 3  # of fewer, a t-interval says nothing, and its bars would hide the rest
LINES = {"grey": "-", "binarised": (0, (3, 1.5))}


@style.paper()
def draw_corruptions(table: pd.DataFrame, *, families: Mapping[str, str]) -> Figure:
    """Draw a panel for each kind of corruption, a line for each model: of several ways of seeing an image the first.

    Args:
        table: the table `corruptions`: ``estimate``, ``low``, ``high`` by ``model``, ``sees``, ``corruption``,
            ``severity`` and ``quantity``; ``n``, ``seeds``.
        families: family of each model (`style.model_colour`).
    """
    errors = table[table["quantity"] == "error"]
    both = set(errors.loc[errors["sees"] == "grey", "model"])
    sees = {str(model): "grey" if model in both else "binarised" for model in dict.fromkeys(errors["model"])}
    colours = {model: style.model_colour(model, families.get(model)) for model in sees}
    kinds = [kind for kind in dict.fromkeys(errors["corruption"]) if kind != "clean"]
    figure = style.new_figure(4.4, title="Who withstands noise, blur and the like?", note=_note(errors))
    panels = figure.subplots(2, -(-(len(kinds) + 1) // 2), sharey=True, squeeze=False).ravel()
    for axes, kind in zip(panels, kinds, strict=False):
        for model, way in sees.items():
            rows = errors[(errors["model"] == model) & (errors["sees"] == way)]
            curve = style.with_ends(rows[rows["corruption"].isin(["clean", kind])].sort_values("severity"))
            colour, places = colours[model], curve["severity"]
            axes.plot(places, curve["estimate"], linewidth=1.3, color=colour, linestyle=LINES[way])
            known = curve[curve["seeds"] >= SEEDS]
            axes.vlines(known["severity"], known["low"], known["high"], color=colour, linewidth=0.6, alpha=0.5)
        axes.set_title(style.readable(kind), loc="left")
        axes.set(ylim=(-0.02, 1.02), yticks=[0, 0.5, 1], xlabel="severity", xticks=sorted(set(errors["severity"])))
    for axes in panels[len(kinds) :]:
        axes.set_axis_off()
    key = panels[len(kinds)]
    for place, (model, way) in enumerate(sees.items()):
        name = f"{style.readable(model)} ({way})"
        key.text(0, 0.97 - 0.1 * place, name, color=colours[model], fontsize=style.SMALL, va="top")
    panels[0].set_ylabel("share misclassified")
    return figure


def _note(errors: pd.DataFrame) -> str:
    return (
        f"n = {int(errors['n'].max()):,} test images a model, {int(errors['seeds'].max())} seeds, all of them, those"
        " misclassified clean (severity 0) too; bars: 95 % intervals over three seeds or more. Solid: the model sees"
        " the grey image; dashed: the image binarised after the corruption. Levels are in the table."
    )
