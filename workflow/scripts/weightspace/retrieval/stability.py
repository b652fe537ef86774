"""How far the stored patterns are local minima of the energy (claim C1): exactly, over all single and all double
flips.
"""

import numpy as np
import pandas as pd

from weightspace.estimates import mean_over_seeds, share_over_seeds


def count_minima(memory, *, margin):
    """One memory's stored patterns: how many are strict minima, and the certificate.

    Returns: dict with ``stored``; ``minima_1``, patterns below all N single-flip neighbours; ``minima_2``, below all N
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


def summarise(counts, definitions):
    """The table `stability` from rows of `count_minima` with the columns memory and seed.

    Args: definitions, memory name to its definition. Returns: rows per memory and distance (1, 2): share of stored
    patterns that are strict minima, over seeds, beside the share of certified models and the smallest normalised
    stability.
    """
    rows = []
    for memory, seeds in counts.groupby("memory", sort=True):
        definition = definitions[memory]
        head = {
            "memory": memory,
            "rule": definition["rule"],
            "patterns": definition["patterns"],
            "margin": definition.get("margin", np.nan),
        }
        tail = {"certified_models": int(seeds.certified.sum()), **_spread(seeds.stability_minimum)}
        for distance in (1, 2):
            rows.append(
                {
                    **head,
                    "distance": distance,
                    **vars(share_over_seeds(seeds[f"minima_{distance}"], seeds.stored)),
                    **tail,
                }
            )
    return pd.DataFrame(rows)


def _spread(values):
    estimate = mean_over_seeds(values, n=len(values))
    return {"stability_minimum": estimate.estimate, "stability_low": estimate.low, "stability_high": estimate.high}
