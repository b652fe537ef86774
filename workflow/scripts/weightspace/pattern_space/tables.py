"""The tables of the pattern space: its parts by radius, and what the answers are by shell."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from weightspace.draws import generator
from weightspace.estimates import NONE, clopper_pearson, estimates_by, share_over_seeds
from weightspace.pattern_space import ASYMPTOTIC, EXACT, KINDS, SAMPLED

PARTS = {
    "P_t": ("P_t",),
    "P_g": ("P_g",),
    "P_a": ("P_adv", "P_err", "P_none"),
    "P_adv": ("P_adv",),
    "P_err": ("P_err",),
    "P_none": ("P_none",),
}
_READABLE = 60  # bits up to which a count of patterns is written out
_CELL = ["dataset", "bits", "model", "readout", "seed"]


def log10(count: float) -> float:
    """Decimal logarithm of a count, an integer of any length or a float; of 0 it is minus infinity."""
    return math.log10(count) if count > 0 else -math.inf


def exact_partition(shells: pd.DataFrame, radii: Sequence[int]) -> pd.DataFrame:
    """The parts within each radius where every pattern was visited.

    Args: shells, rows of `enumeration.Space.count` with the columns dataset, bits, model, readout, seed; radii (bits).

    Returns: rows of the table `pattern_partition`: for each radius the count of each part, an integer that is exact,
    and its log10.
    """
    rows = []
    for cell, group in shells.groupby(_CELL, sort=False):
        head: dict[str, Any] = dict(zip(_CELL, cell, strict=True))
        for radius in radii:
            inside = group[group.distance <= radius]
            counts = {kind: int(inside[inside.kind == kind].hits.sum()) for kind in KINDS}
            several = int(inside[inside.labels == "several"].hits.sum())
            rows += [{**head, "radius": radius, **row} for row in exact_rows(counts, several, 2 ** head["bits"])]
    return pd.DataFrame(rows)


def estimated_partition(shells: pd.DataFrame, radii: Sequence[int]) -> pd.DataFrame:
    """The parts within each radius where shells were sampled, or, near the images, visited whole.

    A count is a sum over shells: exact integers, shares of exact integers, or, for adversarial patterns that no draw
    met, the result of multilevel splitting. The estimate takes all draws. The interval of the sampled shells together
    is that of Karp and Luby's single Bernoulli variable over all of them, Clopper–Pearson times the sum of their sizes:
    some of the draws of each shell, as many as independent draws from all pairs of image and pattern would have met. It
    is as exact as each shell's own, and far narrower than the sum of their limits.

    Args: shells, rows of the files of `whole_images.measure`. Returns: rows as of `exact_partition`.
    """
    rows = []
    for cell, group in shells.groupby(_CELL, sort=False):
        head: dict[str, Any] = dict(zip(_CELL, cell, strict=True))
        images, bits = int(group.images.iloc[0]), int(group.bits.iloc[0])
        records = [_Shell.of(distance, part, images, bits) for distance, part in group.groupby("distance")]
        for radius in radii:
            inside = [record for record in records if record.distance <= radius]
            for part in (*PARTS, "R", "several_labels"):
                drawn = generator(head["seed"], "mixture of shells", *map(str, (*cell, radius, part)))
                counted = _sum_shells(inside, part, generator=drawn)
                rows.append({**head, "radius": radius, "part": part, **counted})
            rows.append({**head, "radius": radius, "part": "P_r", **_complement(rows[-2], bits)})
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Shell:
    """One shell: ``hits`` by kind and labels of ``n`` draws from ``total`` pairs; ``tail``, log10 shares of P_adv by
    splitting.
    """

    distance: int
    hits: dict[tuple[str, str], int]
    n: int
    total: int
    exact: bool
    tail: tuple[float, float, float] | None

    @classmethod
    def of(cls, distance, rows, images, bits):
        counted, split = rows[rows.guarantee != ASYMPTOTIC], rows[rows.guarantee == ASYMPTOTIC]
        hits = {(row.kind, row.labels): int(row.hits) for row in counted.itertuples()}
        tail = tuple(split[["log10_share", "log10_low", "log10_high"]].iloc[0]) if len(split) else None
        exact = bool((rows.guarantee == EXACT).all())
        return cls(int(distance), hits, int(rows.n.max()), images * math.comb(bits, int(distance)), exact, tail)


def _sum_shells(shells, part, *, generator):
    """One part's count over all shells given, with its interval."""
    kinds, several = PARTS.get(part, KINDS), part == "several_labels"
    exact, draws, sampled, split = 0, 0, [], []
    for shell in shells:
        chosen = [
            hits
            for (kind, labels), hits in shell.hits.items()
            if kind in kinds and (labels == "several" or not several)
        ]
        if not chosen:  # impossible, and not only unseen
            continue
        hits = sum(chosen)
        draws += shell.n
        if shell.exact:
            exact += hits
        elif shell.tail and part == "P_adv" and not hits:
            split.append([share + log10(shell.total) for share in shell.tail])
        else:
            sampled.append((hits, shell.n, shell.total))
    terms = ([[log10(exact)] * 3] if exact or not (sampled or split) else []) + split
    if sampled:
        terms.append(_mix(sampled, generator))
    values = [_log10_of_sum(column) for column in zip(*terms, strict=True)]
    guarantee = ASYMPTOTIC if split else SAMPLED if sampled else EXACT
    head = {"count": str(exact) if guarantee == EXACT else ""}
    return {
        **head,
        **dict(zip(("log10_count", "low", "high"), values, strict=True)),
        "n": draws,
        "guarantee": guarantee,
    }


def _mix(sampled, generator):
    """Estimate and limits, log10, of a part of several shells (hits, n, total) together."""
    hits, n, totals = zip(*sampled, strict=True)
    whole = sum(totals)
    shares = np.array([total / whole for total in totals])
    estimate = float(sum(share * hit / draws for share, hit, draws in zip(shares, hits, n, strict=True)))
    count, met = n[0], hits[0]
    if len(sampled) > 1:
        # So many that no shell runs out of draws, but once in 30,000 times: four standard deviations.
        count = min(int(max(1.0, draws - 4 * math.sqrt(draws)) / share) for draws, share in zip(n, shares, strict=True))
        wanted = np.minimum(generator.multinomial(count, shares / shares.sum()), n)
        met = int(
            sum(
                generator.hypergeometric(hit, draws - hit, size)
                for hit, draws, size in zip(hits, n, wanted, strict=True)
            )
        )
    low, high = clopper_pearson(met, count)
    return [log10(share) + log10(whole) for share in (estimate, min(low, estimate), max(high, estimate))]


def _log10_of_sum(logs):
    top = max(logs)
    return top if math.isinf(top) else top + math.log10(sum(10 ** (log - top) for log in logs))


def _complement(ball, bits):
    """P_r from R: what of 2^N lies farther away."""
    whole = bits * math.log10(2)
    rest = {}
    for name, other in (("log10_count", "log10_count"), ("low", "high"), ("high", "low")):
        share = min(1.0, 10 ** (ball[other] - whole))
        rest[name] = whole + math.log10(1 - share) if share < 1 else -math.inf
    # Of whole images P_r has more digits than anyone reads: its log10 says how large it is.
    count = str(2**bits - int(ball["count"])) if ball["count"] and bits <= _READABLE else ""
    return {"count": count, **rest, "n": ball["n"], "guarantee": ball["guarantee"]}


def exact_rows(counts: Mapping[str, int], several: int, space: int) -> list[dict[str, Any]]:
    """One row per part from the exact counts of the kinds within a radius; the parts P_t, P_g, P_a and P_r sum to
    ``space``.
    """
    ball = sum(counts.values())
    parts = {part: sum(counts[kind] for kind in kinds) for part, kinds in PARTS.items()}
    parts |= {"P_r": space - ball, "R": ball, "several_labels": several}
    return [
        {
            "part": part,
            "count": str(count),
            "log10_count": log10(count),
            "low": log10(count),
            "high": log10(count),
            "n": space,
            "guarantee": EXACT,
        }
        for part, count in parts.items()
    ]


def summarise_basins(basins: pd.DataFrame) -> pd.DataFrame:
    """The table `basins_exact`: of each memory, how many attractors of each kind there are and how many of the 2^N
    states end in them.

    Args: basins, rows of `enumeration.count_models` with the columns dataset, bits, seed. Kinds that no memory of a
    dataset has are left out.
    """
    present = basins.groupby(["dataset", "kind"]).states.transform("sum") > 0
    table = basins[present].assign(share_of_states=lambda rows: rows.states / 2.0**rows.bits)
    return table[["dataset", "bits", "model", "seed", "kind", "attractors", "states", "largest", "share_of_states"]]


def shares_by_shell(shells: pd.DataFrame) -> pd.DataFrame:
    """The table `pattern_shares`: what becomes of the patterns at each distance from the nearest image, those of T left
    out, over seeds.
    """

    def parts(group):
        seeds = group.groupby("seed").hits.sum()
        for kind in KINDS[1:]:
            if kind == "P_adv" and group.distance.iloc[0] == 0:  # an image is its own nearest image
                continue
            hits = group[group.kind == kind].groupby("seed").hits.sum().reindex(seeds.index, fill_value=0)
            yield {"part": kind, **vars(share_over_seeds(hits, seeds))}

    outside = shells[(shells.kind != "P_t") & (shells.guarantee != ASYMPTOTIC)]
    return estimates_by(["dataset", "model", "readout", "distance"], outside, parts)


def arrange_certified(certified: pd.DataFrame) -> pd.DataFrame:
    """The table `certified` from the files of `whole_images.measure`."""
    columns = [
        "dataset",
        "model",
        "readout",
        "seed",
        "distance",
        "certified",
        "n",
        "estimate",
        "low",
        "high",
        "interval",
        "guarantee",
    ]
    return certified[columns]


def arrange_rare(rare: pd.DataFrame) -> pd.DataFrame:
    """The table `rare_shares` from the files of `whole_images.measure`."""
    # Without a model for which rare shares are looked for, the files have no rows, and not all columns.
    columns = ["dataset", "model", "seed", "image", "distance", "log10_share", "low", "high", "runs", "reached"]
    return rare.reindex(columns=columns).assign(guarantee=ASYMPTOTIC)


def check_sums(partition: pd.DataFrame) -> pd.DataFrame:
    """The table `pattern_sums`: by how much P_t + P_g + P_a + P_r misses 2^N, at worst, over all exact rows of
    `exact_partition`.

    ``n`` is the number of sums, one for each model, read-out, seed and radius; nothing is estimated, so the limits are
    the number itself.
    """
    parts = partition[partition.part.isin(["P_t", "P_g", "P_a", "P_r"])]
    sums = parts["count"].map(int).groupby([parts[column] for column in (*_CELL, "radius")]).sum()
    misses = [total - 2**bits for total, bits in zip(sums, sums.index.get_level_values("bits"), strict=True)]
    worst = max(misses, key=abs)
    seeds = partition.seed.nunique()
    return pd.DataFrame(
        [
            {
                "datasets": "exact",
                "estimate": worst,
                "low": worst,
                "high": worst,
                "n": len(misses),
                "seeds": seeds,
                "interval": NONE,
            }
        ]
    )
