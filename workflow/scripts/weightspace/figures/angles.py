"""Angles within and between the groups of networks: as they stand, and the least over all copies."""

from itertools import combinations

from weightspace.figures import style

GROUPS = {"training": "P_t", "generalised": "P_g", "adversarial_and_irrelevant": "P_a + P_r"}
MARKS = {"angle_as_they_stand": ("#C08030", "o", "as they stand"), "angle": ("#0072B2", "D", "least over all copies")}
TITLES = {"shared": "one shared start", "independent": "independent starts"}
LABELS = {"model": "labels of the model", "nearest": "labels of the nearest image"}


def math_name(group):
    """A group's name as in the paper."""
    return GROUPS[group].replace("P_t", "$P_t$").replace("P_g", "$P_g$").replace("P_a + P_r", "$P_a{+}P_r$")


@style.paper()
def draw_angles(cones):
    """Draw mean angles with their intervals for each pair of groups, by start and labelling.

    Args: cones, the table of that name. Returns: a matplotlib Figure.
    """
    angles = cones[cones["quantity"].isin(MARKS)]
    figure = style.new_figure(
        4.4,
        title="Are the weights learnt from different patterns apart, once copies are taken into account?",
        note=(
            f"Networks trained on {int(cones['patterns'].min())} patterns of each group, {int(angles['seeds'].min())}"
            f" seeds; mean angle over n = {int(angles['n'].min())} or more pairs, 95 % jackknife intervals over seeds."
            " Above the line within a group, below it between two."
        ),
    )
    panels = figure.subplots(2, 2, sharex=True, sharey=True)
    pairs = [*((group, group) for group in GROUPS), *combinations(GROUPS, 2)]
    for row, (labelling, label) in zip(panels, LABELS.items(), strict=True):
        for axes, (start, title) in zip(row, TITLES.items(), strict=True):
            cell = angles[(angles["labelling"] == labelling) & (angles["start"] == start)]
            for quantity, (colour, mark, _) in MARKS.items():
                shift = 0.13 if quantity == "angle" else -0.13
                for place, (first, second) in enumerate(pairs):
                    found = cell[
                        (cell["quantity"] == quantity) & (cell["group"] == first) & (cell["other"] == second)
                    ].iloc[0]
                    axes.plot([found["low"], found["high"]], [place + shift] * 2, color=colour, linewidth=1)
                    axes.plot(found["estimate"], place + shift, mark, color=colour, markersize=4)
            axes.axhline(2.5, color=style.SOFT, linewidth=0.6)
            axes.set_title(f"{title}, {label}", fontsize=8, loc="left")
            axes.grid(axis="x")
            axes.set_axisbelow(True)
    names = [
        math_name(first) if first == second else f"{math_name(first)} to {math_name(second)}" for first, second in pairs
    ]
    panels[0, 0].set_yticks(range(len(pairs)), names)
    panels[0, 0].set_ylim(5.5, -0.75)
    panels[0, 0].set_xlim(left=0)
    for axes in panels[1]:
        axes.set_xlabel("angle, degrees")
    _label_marks(panels[0, 1], angles)
    return figure


def _label_marks(axes, angles):
    """Name the two kinds of angle beside their marks in the panel of independent starts, where they are far apart."""
    cell = angles[
        (angles["labelling"] == "model")
        & (angles["start"] == "independent")
        & (angles["group"] == "training")
        & (angles["other"] == "training")
    ]
    for quantity, (colour, _, text) in MARKS.items():
        at = cell[cell["quantity"] == quantity]["estimate"].iloc[0]
        place = (at, -0.5)
        right = quantity == "angle_as_they_stand"
        axes.annotate(
            text,
            place,
            xytext=(3, 0) if right else (-3, 0),
            textcoords="offset points",
            fontsize=style.SMALL,
            color=colour,
            ha="right",
            va="center",
        )
