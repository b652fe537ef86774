"""The tables of the pattern space: its parts by radius, and what the answers are by shell."""

import math

import pandas as pd

from weightspace.intervals import share_over_seeds
from weightspace.partition import KINDS

EXACT, SAMPLED, ASYMPTOTIC = "exact", "clopper-pearson", "asymptotic"
_CELL = ["dataset", "bits", "model", "readout", "seed"]


def log10(count):
    """Decimal logarithm of a count, an integer of any length or a float; of 0 it is minus infinity."""
    return math.log10(count) if count > 0 else -math.inf


def exact_partition(shells, radii):
    """The parts within each radius where every pattern was visited.

    Args: shells, rows of `enumeration.Space.count` with the columns dataset, bits, model, readout, seed; radii (bits).

    Returns: rows of the table `pattern_partition`: for each radius the count of each part, an integer that is exact, and its log10.
    """
    rows = []
    for cell, group in shells.groupby(_CELL, sort=False):
        head = dict(zip(_CELL, cell, strict=True))
        for radius in radii:
            inside = group[group.distance <= radius]
            counts = {kind: int(inside[inside.kind == kind].hits.sum()) for kind in KINDS}
            several = int(inside[inside.labels == "several"].hits.sum())
            rows += [{**head, "radius": radius, **row} for row in exact_rows(counts, several, 2 ** head["bits"])]
    return pd.DataFrame(rows)


def exact_rows(counts, several, space):
    """One row per part from the exact counts of the kinds within a radius; the parts P_t, P_g, P_a and P_r sum to ``space``."""
    ball = sum(counts.values())
    parts = {
        "P_t": counts["P_t"],
        "P_g": counts["P_g"],
        "P_a": counts["P_adv"] + counts["P_err"] + counts["P_none"],
        "P_adv": counts["P_adv"],
        "P_err": counts["P_err"],
        "P_none": counts["P_none"],
        "P_r": space - ball,
        "R": ball,
        "several_labels": several,
    }
    return [
        {"part": part, "count": str(count), "log10_count": log10(count), "low": log10(count), "high": log10(count), "n": space, "guarantee": EXACT}
        for part, count in parts.items()
    ]


def summarise_basins(basins):
    """The table `basins_exact`: of each memory, how many attractors of each kind there are and how many of the 2^N states end in them.

    Args: basins, rows of `enumeration.count_models` with the columns dataset, bits, seed. Kinds that no memory of a dataset has are left out.
    """
    present = basins.groupby(["dataset", "kind"]).states.transform("sum") > 0
    table = basins[present].assign(share_of_states=lambda rows: rows.states / 2.0**rows.bits)
    return table[["dataset", "bits", "model", "seed", "kind", "attractors", "states", "largest", "share_of_states"]]


def shares_by_shell(shells):
    """The table `pattern_shares`: what becomes of the patterns at each distance from the nearest image, those of T left out, over seeds."""
    rows, cell = [], ["dataset", "model", "readout", "distance"]
    outside = shells[shells.kind != "P_t"]
    for key, group in outside.groupby(cell, sort=False):
        seeds = group.groupby("seed").hits.sum()
        for kind in KINDS[1:]:
            hits = group[group.kind == kind].groupby("seed").hits.sum().reindex(seeds.index, fill_value=0)
            rows.append({**dict(zip(cell, key, strict=True)), "part": kind, **vars(share_over_seeds(hits, seeds))})
    return pd.DataFrame(rows)
