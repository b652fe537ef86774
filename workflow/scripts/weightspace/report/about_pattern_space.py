"""The paragraph on the pattern space for the report's first page: how large the parts are, by model and radius, in
words that can be repeated.
"""

import math
from collections.abc import Sequence

import pandas as pd

from weightspace.report.restructured_text import readable, table, title, with_interval

_TITLE = "How large the parts of the pattern space are"
_PARTS = ("P_t", "P_g", "P_adv", "P_err", "P_none", "P_r")


def paragraph(
    partition: pd.DataFrame,
    shares: pd.DataFrame,
    certified: pd.DataFrame,
    basins: pd.DataFrame,
    *,
    dataset: str,
    network: str,
    memory: str,
    radii: Sequence[int],
) -> str:
    """Compose the paragraph in reStructuredText.

    Args:
        partition, shares, certified, basins: the tables `pattern_partition`, `pattern_shares`, `certified` and
            `basins_exact`.
        dataset: name of the dataset of whole images; network, memory: the models spoken of, by their names in ``run``.
        radii: Hamming distances (bits) for the table.
    """
    shown = partition[(partition.dataset == dataset) & (partition.seed == 0) & (partition.readout != "exact")]
    answers = shares[(shares.dataset == dataset) & (shares.readout != "exact")]
    lines = [
        title(_TITLE),
        _opening(shown, radii),
        "",
        _table(shown[shown.model.isin([network, memory])], radii),
        _by_shell(answers, network, memory, max(radii)),
        "",
        _safe(certified[certified.readout != "exact"], network, memory),
        "",
        _small(partition[partition.dataset != dataset], basins),
        "",
    ]
    return "\n".join(lines)


def _opening(shown, radii):
    size = int(shown.bits.iloc[0])
    ball = shown[(shown.part == "R") & (shown.radius == max(radii))].iloc[0]
    return (
        "Every pattern is in exactly one part, ``P_u = P_t + P_g + P_a + P_r``, so the sum is true by definition; what"
        f" can be found out is how large the parts are. Of the 2\\ :sup:`{size}` = {_power(size * math.log10(2))}"
        f" patterns of {size} pixels, {_power(ball.log10_count)} lie within {max(radii)} bits of any labelled image:"
        " all others are ``P_r``. Within the radius (log10 of the number of patterns, 95 % interval; seed 0):"
    )


def _power(log):
    return f"10\\ :sup:`{log:.1f}`"


def _table(shown, radii):
    head = ["model", "radius", *(f"``{part}``" for part in _PARTS)]
    rows = []
    for (model, radius), cells in shown[shown.radius.isin(radii)].groupby(["model", "radius"], sort=False):
        counts = cells.set_index("part")
        rows.append([readable(model), str(radius), *(_count(counts.loc[part]) for part in _PARTS)])
    return table(head, rows, widths=(20, 7, 11, 14, 14, 14, 14, 11))


def _count(row):
    if math.isinf(row.high):
        return "none"
    if math.isinf(row.log10_count):
        return f"none seen; < {row.high:.2f}"
    if row.high - row.low < 0.005:
        return f"{row.log10_count:.2f}"
    return with_interval(row, lambda value: "-∞" if math.isinf(value) else f"{value:.2f}", column="log10_count")


def _by_shell(shares, network, memory, radius):
    parts = []
    shell = shares[shares.distance == radius]
    for model in (network, memory):
        rows = shell[shell.model == model].set_index("part")
        if rows.empty:  # the patterns around images are counted for other models
            continue
        parts.append(
            f"{readable(model)} answers {_share(rows.loc['P_g'])} as that image is labelled;"
            f" {_share(rows.loc['P_adv'])} are adversarial (the image right, the pattern wrong) and"
            f" {_share(rows.loc['P_err'])} lie beside an image that is wrong itself"
        )
    most = shell[shell.part == "P_adv"].sort_values("estimate").iloc[-1]
    among = f"Among the patterns at exactly {radius} bits from the nearest image"
    largest = f"largest adversarial share of all models has {readable(most.model)}, {_share(most)}."
    return f"{among} {', and '.join(parts)}. The {largest}" if parts else f"{among} the {largest}"


def _share(row):
    return with_interval(row, "{:.1%}".format)


def _safe(certified, network, memory):
    words = []
    for model in (network, memory):
        rows = (
            certified[certified.model == model]
            .groupby(["distance", "guarantee"])[["certified", "n"]]
            .sum()
            .reset_index()
        )
        for row in rows[rows.guarantee == "exact"].itertuples():
            flips = "single flip" if row.distance == 1 else f"{row.distance} flips"
            words.append(
                f"no {flips} changed the answer of {readable(model)} at {row.certified} of {row.n} images that"
                " it answers rightly"
            )
    return f"Random flips seldom hit what a search finds. All of them tried, {'; '.join(words)}." if words else ""


def _small(partition, basins):
    rows = []
    for dataset, cells in partition[partition.seed == 0].groupby("dataset", sort=False):
        bits = int(cells.bits.iloc[0])
        spurious = (
            basins[(basins.dataset == dataset) & basins.kind.isin(["mixture", "other"])]
            .groupby(["model", "seed"])
            .share_of_states.sum()
        )
        mean = spurious.groupby("model").mean()
        visited = f"of the {2**bits:,} patterns of *{dataset}* all were visited"
        if len(mean):
            least, most = mean.idxmin(), mean.idxmax()
            visited += (
                f"; {mean[least]:.0%} ({readable(least)}) to {mean[most]:.0%} ({readable(most)}) of them are drawn to"
                " spurious states of a memory"
            )
        rows.append(visited)
    text = "; ".join(rows)
    return (
        f"Where every pattern can be visited, nothing is estimated: {text}. The tables `7 Pattern space`_ hold all"
        " models, radii and seeds."
    )
