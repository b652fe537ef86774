"""The report's paragraph on the weight space's symmetries, from the tables `equioutput`, `ordering` and
`hopfield_symmetry`.
"""

import pandas as pd

from weightspace.report.restructured_text import WORDS, span, title, with_interval

_TITLE = "Copies of a network, the order of its units, and memories"


def paragraph(copies: pd.DataFrame, order: pd.DataFrame, memories: pd.DataFrame) -> str:
    """Compose the paragraph (reStructuredText) from the three tables; what a run lacks is left out."""
    parts = [*_copies(copies), _order(order), _memories(memories)]
    return f"{title(_TITLE)}\n" + "\n\n".join(parts) + "\n"


def _copies(table):
    name = table.loc[~table["weights"].isin(["random", "trained_by_width"]), "weights"].iloc[0]
    trained = table[table["weights"] == name].set_index(["precision", "quantity"])
    single, double = (trained.loc[(precision, "output_deviation"), "estimate"] for precision in ("float32", "float64"))
    nearest = trained.loc[("float64", "angle_of_nearest_copy")]
    yield (
        f"Interchanges and sign flips of hidden units are symmetries: over random copies of {name}, outputs in -1 ... 1"
        f" change by {single:.1g} at most in single and by {double:.1g} in double precision (the largest of"
        f" {int(nearest['seeds'])} seeds). The nearest other copy of a trained network lies {_degrees(nearest)} degrees"
        " away; cones of half that angle around the copies do not overlap."
    )
    own = table[table["weights"] == "trained_by_width"].set_index("quantity")
    slope, random = (own.loc[f"angle_of_random_{kind}_to_nearest_copy_per_doubling"] for kind in ("start", "starts"))
    widths = own.loc[["angle_of_random_start_to_nearest_copy"]]
    few, many = (row for _, row in widths.sort_values("hidden").iloc[[0, -1]].iterrows())
    yield (
        "A larger network has more copies, but the nearest copy of a solution is no nearer to a random start: with"
        f" {int(few['hidden'])} hidden units it lies {_degrees(few)} degrees away, with {int(many['hidden'])}"
        f" {_degrees(many)}; {_degrees(slope, sign=True)} degrees for each doubling. Of two random starts, where"
        " nothing was learnt, the same holds: it is the geometry of the initial weights,"
        f" {_degrees(random, sign=True)} degrees."
    )


def _order(table):
    base = table.iloc[0]
    factors = ["width", "optimiser", "learning_rate", "encoding"]
    kept = table[
        (table["quantity"] == "kept") & (table["key"] == "bias") & (table[factors] == base[factors]).all(axis=1)
    ]
    drawn, spaced = kept[kept["gap"] == 0].iloc[0], kept[(kept["gap"] > 0) & (kept["estimate"] == 1)]
    said = (
        f"Order is not kept at every moment: in {int(base['steps'])} steps of {base['optimiser']} with learning rate"
        f" {base['learning_rate']:g} and {int(base['width'])} units, biases kept their initial order in"
        f" {drawn['estimate']:.0%} of {int(drawn['n'])} networks."
    )
    if len(spaced):
        said += (
            f" They did in all where they started {spaced['gap'].min():g} apart or more, which is more than training"
            " moved them."
        )
    still = table[(table["key"] == "constant_pixel") & (table["encoding"] == "bits") & (table["quantity"] == "kept")]
    if len(still):
        said += (
            f" Weights of a pixel that is always 0, which no gradient reaches, did in {still['estimate'].iloc[0]:.0%}."
        )
    same = table[(table["quantity"] == "equivariance_deviation") & (table["learning_rate"] == base["learning_rate"])]
    if len(same):
        said += (
            " What does hold for every permutation: a permuted and flipped start takes the permuted and flipped path,"
            f" to {same['estimate'].iloc[0]:.1g}."
        )
    return said


def _memories(table):
    changed = table[table["quantity"] == "changed_states"]
    alone = changed[(changed["transformation"] == "flips_and_interchanges") & (changed["relabelled"] == "nothing")]
    along = changed[
        (changed["transformation"] == "all_flips")
        & (changed["relabelled"] == "patterns")
        & (changed["order"] == "sequential")
    ]
    hidden = changed[changed["transformation"].isin(["hidden_interchanges", "stored_flips", "stored_interchanges"])]
    said = (
        f"Done to the neurons of a memory, the same transformations change {_range(alone)} of the final states; with"
        f" patterns and images flipped along, {_range(along)}."
    )
    if len(hidden):
        said += (
            " What corresponds to hidden units are the stored patterns: their interchanges, and for Hebb their flips,"
            f" change {_range(hidden)}."
        )
    return said


def _range(rows):
    return span(rows["estimate"], "{:.0%}".format)


def _degrees(row, *, sign=False):
    return with_interval(row, ("{:+.1f}" if sign else "{:.1f}").format, form=WORDS)
