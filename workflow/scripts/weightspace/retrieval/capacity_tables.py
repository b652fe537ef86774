"""The tables `capacity` and `capacity_shares`: what was measured by `capacity.measure_rule`, over seeds, and what the
literature gives.
"""

import numpy as np
import pandas as pd

from weightspace.estimates import Estimate, estimates_by, share_over_seeds
from weightspace.retrieval.crossing import crossing_over_seeds, find_crossing
from weightspace.retrieval.literature import literature


def summarise_shares(counts):
    """The table `capacity_shares` from rows of `measure_rule` with the columns rule, data and neurons: shares by load,
    over seeds.
    """
    keys = ["rule", "data", "neurons", "stored", "quantity", "flipped"]
    table = estimates_by(keys, counts[~counts.refined], lambda probes: share_over_seeds(probes.hits, probes.n))
    table.insert(4, "load", table.stored / table.neurons)
    return table


def summarise_capacity(counts, definitions):
    """The table `capacity`: the load P/N at which each share falls through one half, over seeds, and what the
    literature gives.

    Args: counts, rows of `capacity.measure_rule` with the columns rule, data and neurons; definitions, rule name to its
    definition.

    In rows of the literature, for random patterns, the quantity is ``literature``, ``formula`` the known capacity P,
    and ``source`` says what is stored up to there and who says so.
    """
    keys = ["rule", "data", "neurons", "quantity", "flipped"]
    crossed = counts[
        counts.quantity.isin(["fixed_points", "retrieved", "recovered"])
    ]  # nearly all bits are stable at any load

    def crossing(group):
        seeds = [find_crossing(seed.stored / seed.neurons, seed.hits, seed.n) for _, seed in group.groupby("seed")]
        return crossing_over_seeds(seeds, n=int(group.n.sum()))

    rows = estimates_by(keys, crossed, crossing).to_dict("records")
    random = counts[counts.data == "random"]
    for rule, neurons in dict.fromkeys(zip(random.rule, random.neurons, strict=True)):
        head = {"rule": rule, "data": "random", "neurons": neurons, "quantity": "literature"}
        for known in literature(definitions[rule], neurons):
            rows.append(
                {
                    **head,
                    **vars(Estimate(known.load, np.nan, np.nan, 0, 0)),
                    "formula": known.formula,
                    "source": known.source,
                }
            )
    return pd.DataFrame(rows, columns=[*keys, "estimate", "low", "high", "n", "seeds", "formula", "source"])
