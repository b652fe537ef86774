"""Do the intervals hold what they promise? Every estimator of the pattern space against exact counts, again and again
with other draws.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int8
from scipy import stats

from weightspace.classifier import Classifier
from weightspace.data.hypercube import codes_of, patterns_of
from weightspace.data.shrunken_digits import ShrunkenDigits
from weightspace.draws import generator
from weightspace.estimates import CLOPPER_PEARSON, clopper_pearson
from weightspace.pattern_space.enumeration import Space, answers_to_all
from weightspace.pattern_space.rare_patterns import Margin, Shell, wrong_margin
from weightspace.pattern_space.shells import count_kinds, sample_shells
from weightspace.pattern_space.tables import estimated_partition, exact_partition

COUNTS, SPLITTING = "Karp-Luby with Clopper-Pearson", "multilevel splitting"
PARTS = ("R", "P_g", "P_adv", "P_err", "P_none")
_ROW = ["model", "readout", "radius", "part"]


def measure(
    digits: ShrunkenDigits,
    models: Mapping[str, Classifier],
    *,
    draws: int,
    radii: Sequence[int],
    repeats: int,
    shell: Mapping[str, int],
    hypergeometric: Sequence[Mapping[str, int]],
    splitting: Mapping[str, int],
) -> pd.DataFrame:
    """All that the table `coverage` sums up.

    Args:
        models: the first of them a network.
        draws, radii, repeats: of `cover_counts`.
        shell: ``distance`` and ``rank`` of `cover_splitting`; hypergeometric: a list of settings of
            `cover_hypergeometric`, each with ``repeats``.
        splitting: ``particles``, ``steps`` and ``runs``.
    """
    space = Space(digits.images, largest=digits.images.size)
    rows = [cover_counts(space, models, draws=draws, radii=radii, repeats=repeats)]
    rows.append(cover_splitting(space, next(iter(models.values())), **shell, **splitting, repeats=repeats))
    rows += [cover_hypergeometric(**case, **splitting) for case in hypergeometric]
    return pd.concat(rows, ignore_index=True)


def cover_counts(
    space: Space, models: Mapping[str, Classifier], *, draws: int, radii: Sequence[int], repeats: int
) -> pd.DataFrame:
    """Karp–Luby counts of the parts within some radii, drawn ``repeats`` times, against the enumeration.

    Args: draws, patterns per shell.

    Returns: rows estimator, classifier, quantity, truth, estimate, low, high (log10 counts), repeat; of parts that have
    a pattern.
    """
    head: dict[str, Any] = {"dataset": "", "bits": space.size}
    asked = [
        (name, readout, labels, space.images.learnt_by(classifier))
        for name, classifier in models.items()
        for readout, labels in answers_to_all(classifier, space.size)[0].items()
    ]
    exact = pd.concat(
        [space.count(labels, learnt).assign(model=name, readout=readout) for name, readout, labels, learnt in asked]
    )
    truth = exact_partition(exact.assign(**head, seed=0), radii).set_index(_ROW).log10_count.rename("truth")
    parts = []
    for repeat in range(repeats):
        sample = sample_shells(
            space.images, range(1, max(radii) + 1), draws, generator=generator(repeat, "coverage of counts")
        )
        codes = codes_of(sample.patterns)
        for name, readout, labels, learnt in asked:
            kinds = count_kinds(space.images, sample, learnt, labels[space.codes], labels[codes])
            parts.append(kinds.assign(model=name, readout=readout, seed=repeat))
    found = estimated_partition(pd.concat(parts).assign(**head, images=len(space.codes)), radii).join(truth, on=_ROW)
    found = found[found.part.isin(PARTS) & np.isfinite(found.truth)]
    quantity = found.part + " within " + found.radius.astype(str) + " bits"
    kept = found.rename(columns={"log10_count": "estimate", "seed": "repeat"})[
        ["truth", "estimate", "low", "high", "repeat"]
    ]
    return kept.assign(estimator=COUNTS, classifier=found.model + ", " + found.readout, quantity=quantity)


def cover_splitting(
    space: Space,
    network: Classifier,
    *,
    distance: int,
    rank: int,
    particles: int,
    steps: int,
    runs: int,
    repeats: int,
) -> pd.DataFrame:
    """Multilevel splitting around one image against all its C(N, d) patterns; the event is a margin that only ``rank``
    of them pass.
    """
    centre, margin, bar, share = rare_event(space, network, distance=distance, rank=rank)
    truth = math.log10(share)
    shell = Shell(centre, distance, lambda which, patterns: margin(which, patterns) - bar)
    rows = _repeat(shell, repeats, particles, steps, runs)
    return rows.assign(classifier="network", quantity=f"share at {distance} bits from an image", truth=truth)


def rare_event(
    space: Space, network: Classifier, *, distance: int, rank: int
) -> tuple[Int8[np.ndarray, "1 N"], Margin, float, float]:
    """The first rightly answered image around which patterns can be told apart: it, its margin, the bar of the event,
    and the event's share.

    They cannot where an image bears every label, as a black one may: there is nothing that a network could answer
    wrongly.
    """
    codes = np.arange(2**space.size)
    for image in np.flatnonzero(space.images.bears(network.predict(space.images.patterns))):
        shell = patterns_of(codes[np.bitwise_count(codes ^ space.codes[image]) == distance], space.size)
        margin = wrong_margin(network, space.images.masks[[image]])
        scores = np.sort(margin(np.zeros(len(shell), dtype=int), shell))
        bar = float(scores[-rank - 1] + scores[-rank]) / 2
        if (share := float((scores > bar).mean())) > 0:
            return space.images.patterns[[image]], margin, bar, share
    raise ValueError(f"around no image does the network tell {rank} patterns at distance {distance} from the others")


def cover_hypergeometric(
    *,
    size: int,
    agreeing: int,
    distance: int,
    least: int,
    particles: int,
    steps: int,
    runs: int,
    repeats: int,
) -> pd.DataFrame:
    """Multilevel splitting for a linear classifier of weights ±1 and a threshold, whose tail is hypergeometric.

    The image agrees with the weights in ``agreeing`` of its pixels. A pattern at the distance has K of these among its
    flips, and the sum of its weighted pixels is ``2 agreeing - N + 2 distance - 4 K``; it is answered otherwise where K
    is ``least`` at least.
    """
    weights = np.ones(size, dtype=np.float32)
    centre = np.where(np.arange(size) < agreeing, 1, -1).astype(np.int8)[None]
    threshold = 2 * agreeing - size + 2 * distance - 4 * least + 2
    truth = float(stats.hypergeom.logsf(least - 1, size, agreeing, distance)) / math.log(10)
    shell = Shell(centre, distance, lambda _, patterns: threshold - patterns @ weights)
    rows = _repeat(shell, repeats, particles, steps, runs)
    return rows.assign(classifier="linear, weights ±1", quantity=f"a share of 10^{truth:.0f}, N = {size}", truth=truth)


def _repeat(shell, repeats, particles, steps, runs) -> pd.DataFrame:
    settings = {"particles": particles, "steps": steps, "runs": runs}
    found = [
        shell.share(**settings, generator=generator(repeat, "coverage of splitting")).decimal()
        for repeat in range(repeats)
    ]
    return pd.DataFrame(found, columns=["estimate", "low", "high"]).assign(repeat=range(repeats), estimator=SPLITTING)


def summarise(rows: pd.DataFrame, *, seeds: int = 1) -> pd.DataFrame:
    """The table `coverage`: in how many repeats the interval held the truth, and how wide it was beside how wide the
    estimates spread.

    ``needed_width`` is 3.92 standard deviations of the estimates, what a 95 % interval of known spread would take; all
    widths are of log10.
    """
    table = []
    for (estimator, classifier, quantity), group in rows.groupby(["estimator", "classifier", "quantity"], sort=False):
        covered, n = int(((group.low <= group.truth) & (group.truth <= group.high)).sum()), len(group)
        low, high = clopper_pearson(covered, n)
        widths = {"median_width": (group.high - group.low).median(), "needed_width": 3.92 * group.estimate.std()}
        head = {
            "estimator": estimator,
            "classifier": classifier,
            "quantity": quantity,
            "truth": group.truth.iloc[0],
            "covered": covered,
        }
        table.append(
            {
                **head,
                "estimate": covered / n,
                "low": low,
                "high": high,
                "n": n,
                "seeds": seeds,
                "interval": CLOPPER_PEARSON,
                **widths,
            }
        )
    return pd.DataFrame(table)
