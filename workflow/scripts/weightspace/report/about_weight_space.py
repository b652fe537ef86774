"""The paragraph on the weight space for the report's first page: what is exact, what generalises, cones, circles and
dimension, in numbers.
"""

import numpy as np
import pandas as pd

from weightspace.report.restructured_text import ALONE, WORDS, title, with_interval

_TITLE = "The weight space: exact, generalised, neither"


def paragraph(
    volumes: pd.DataFrame,
    partition: pd.DataFrame,
    cones: pd.DataFrame,
    levels: pd.DataFrame,
    dimension: pd.DataFrame,
) -> str:
    """reStructuredText from the tables `weight_volume`, `weight_partition`, `cones`, `loss_levels` and `dimension`."""
    parts = [_volume(volumes), _counted(partition), _cones(cones), _circles(levels), _slope(dimension)]
    return f"{title(_TITLE)}\n{' '.join(parts)}\n"


def _number(row, digits=1, factor=1):
    """An estimate with its interval, where that has ends."""
    has_ends = np.isfinite([row["low"], row["high"]]).all()
    return with_interval(row, lambda value: f"{factor * value:.{digits}f}", form=WORDS if has_ends else ALONE)


def _volume(volumes):
    first = volumes[(volumes["draw"].astype(str) == "0") & (volumes["method"] == "simulation")]
    exact, general = (first[first["quantity"] == name] for name in ("W_e", "W_g"))
    if exact["estimate"].isna().any() or general["estimate"].isna().any():
        return f"At most 10^{exact['high'].max():.1f} of the weights make no training error; not every run came so far."
    return (
        f"Of the weights of a tanh network, uniform on spheres, 10^{exact['estimate'].min():.1f} to"
        f" 10^{exact['estimate'].max():.1f} make no training error, by radius, and 10^{general['estimate'].min():.1f}"
        f" to 10^{general['estimate'].max():.1f} generalise without being exact ({int(exact['n'].min())} runs each;"
        f" log10 of the exact share at gain {exact['gain'].iloc[0]:g}: {_number(exact.iloc[0])})."
    )


def _counted(partition):
    rows = partition[(partition["model"] == "perceptron") & (partition["class"] == "exact")]
    most = rows[rows["estimate"] > 0].groupby("task")["patterns"].max()
    words = ", ".join(f"{count} ({task})" for task, count in most.items())
    return (
        f"Of all 2^{int(rows['weights'].iloc[0])} binary weight vectors of a perceptron, some are exact up to so many"
        f" patterns: {words}."
    )


def _cones(cones):
    cell = cones[(cones["labelling"] == "model") & (cones["start"] == "independent") & (cones["group"] == "training")]
    cell = cell.set_index(["quantity", "other"])
    within, between = (cell.loc[("angle", other)] for other in ("training", "adversarial_and_irrelevant"))
    filled = cell.loc[("log10_cone_and_copies", "training")]
    return (
        f"Networks learnt from training patterns lie {_number(within)} degrees apart, the least over all copies, and"
        f" {_number(between)} from those learnt from adversarial and irrelevant ones; log10 of the share of the sphere"
        f" that a cone around them fills with all its copies is {_number(filled, 0)}."
    )


def _circles(levels):
    ordered = levels[levels["quantity"] == "ordered"].set_index("arc")
    quarter, half = (_number(ordered.loc[arc], 0, 100) for arc in ("quarter", "half"))
    return (
        f"Of {int(ordered.loc['quarter', 'n'])} great circles through exact weights, {quarter} % pass exact,"
        f" generalised, neither within a quarter turn, and {half} % within a half: there weights with all signs changed"
        " are a copy of the start but for the output biases."
    )


def _slope(dimension):
    row = dimension[dimension["quantity"] == "slope"].iloc[0]
    power = _number(row, 2)
    return (
        f"Steps to a given loss go with the number of weights to the power {power}, {int(row['seeds'])} seeds; each"
        " step costs in proportion to it."
    )
