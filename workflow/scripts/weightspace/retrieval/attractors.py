"""All attractors of small memories and the exact sizes of their basins, by following every one of the 2^N states."""

from itertools import combinations, product

import numpy as np
import pandas as pd

from weightspace.data.hypercube import codes_of, patterns_of
from weightspace.estimates import estimates_by, mean_over_seeds
from weightspace.retrieval.state_graph import count_ends, ends_of_all_states

KINDS = ("stored", "complement", "mixture", "other", "not_settled")


def mixtures(patterns):
    """All mixture states ``sign(±x ± y ± z)`` of three patterns, shape (M, N), the commonest spurious states (Amit et
    al. 1985).
    """
    signs = np.array([(1, *rest) for rest in product((1, -1), repeat=2)])  # the complement of each is one too
    sums = [signs @ patterns[list(three)].astype(int) for three in combinations(range(len(patterns)), 3)]
    found = np.sign(np.concatenate(sums)) if sums else np.empty((0, patterns.shape[1]), int)
    return np.concatenate([found, -found])


def follow_all_states(memory):
    """Recall from all 2^N states.

    Returns: DataFrame with one row per attractor: ``code`` (row in `hypercube.all_patterns`), ``kind`` (one of `KINDS`: a stored
    pattern; the complement of one; a mixture of three; any other), ``basin`` (how many states end there, itself
    included), ``energy``.
    """
    return describe(memory, *ends_of_all_states(memory, memory.patterns.shape[1]))


def describe(memory, ends, settled):
    """The attractors, as in `follow_all_states`, from `state_graph.ends_of_all_states`."""
    patterns = memory.patterns
    basins = count_ends(ends)
    code = np.flatnonzero(basins)
    states = patterns_of(code, patterns.shape[1])
    kinds = np.full(len(code), KINDS.index("other"))
    for kind, known in (
        ("mixture", mixtures(patterns)),
        ("complement", -patterns),
        ("stored", patterns),
    ):  # the last one wins
        kinds[np.isin(code, codes_of(known))] = KINDS.index(kind)
    kinds[~settled[code]] = KINDS.index("not_settled")
    return pd.DataFrame(
        {"code": code, "kind": np.array(KINDS)[kinds], "basin": basins[code], "energy": memory.energy(states)}
    )


def summarise(attractors):
    """The table `attractors`: per rule, data, number stored and kind, how many attractors there are and what share of
    all states they draw.

    Args: attractors, rows of `follow_all_states` with the columns rule, data, neurons, stored, seed. Both quantities
    are exact for each network; the interval is over seeds, that is over draws of patterns. Rows of what did not settle
    appear where anything did not.
    """

    def by_kind(group):
        seeds, states = sorted(group.seed.unique()), 2 ** int(group.neurons.iloc[0])
        for kind in KINDS[: None if (attractors.kind == "not_settled").any() else -1]:
            mine = group[group.kind == kind].groupby("seed").basin
            number, share = mine.size().reindex(seeds, fill_value=0), mine.sum().reindex(seeds, fill_value=0) / states
            for quantity, values, most in (("attractors", number, np.inf), ("share_of_states", share, 1.0)):
                estimate = mean_over_seeds(values, n=states * len(seeds), bounds=(0.0, most))
                yield {"kind": kind, "quantity": quantity, **vars(estimate)}

    return estimates_by(["rule", "data", "neurons", "stored"], attractors, by_kind)
