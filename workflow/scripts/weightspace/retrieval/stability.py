"""How far the stored patterns are local minima of the energy (claim C1): exactly, over all single and all double
flips.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from weightspace.estimates import estimates_by, mean_over_seeds, share_over_seeds
from weightspace.memories.memory import AssociativeMemory


def count_minima(memory: AssociativeMemory, *, margin: float) -> dict[str, Any]:
    """One memory's stored patterns: how many are strict minima, and the certificate.

    Returns: ``stored``; ``minima_1``, patterns below all N single-flip neighbours; ``minima_2``, below all N
    + N(N-1)/2 neighbours at distance one and two; ``certified``, ``delta_minimum`` and ``stability_minimum`` of
    `hopfield.Certificate`.
    """
    single, double = memory.strict_minima()
    certificate = memory.certify(margin=margin)
    return {
        "stored": len(memory.patterns),
        "minima_1": int(single.sum()),
        "minima_2": int(double.sum()),
        "certified": certificate.certified,
        "violations": certificate.violations,
        "delta_minimum": certificate.delta_minimum,
        "stability_minimum": certificate.stability_minimum,
    }


def summarise(counts: pd.DataFrame, definitions: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """The table `stability` from rows of `count_minima` with the columns memory and seed.

    Args: definitions of the memories by their names.

    Returns: for each memory and distance (1, 2) the share of stored patterns that are strict minima, over seeds, beside
    the number of certified models and the smallest normalised stability.
    """

    def minima(seeds: pd.DataFrame) -> Iterator[dict[str, Any]]:
        definition = definitions[seeds.memory.iloc[0]]
        head = {
            "rule": definition["rule"],
            "patterns": definition["patterns"],
            "margin": definition.get("margin", np.nan),
        }
        tail = {"certified_models": int(seeds.certified.sum()), **_spread(seeds.stability_minimum)}
        for distance in (1, 2):
            share = share_over_seeds(seeds[f"minima_{distance}"], seeds.stored)
            yield {**head, "distance": distance, **vars(share), **tail}

    return estimates_by(["memory"], counts, minima, sort=True)


def _spread(values):
    estimate = mean_over_seeds(values, n=len(values))
    return {"stability_minimum": estimate.estimate, "stability_low": estimate.low, "stability_high": estimate.high}
