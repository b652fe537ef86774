"""Whether a model's answers tell adversarial patterns from irrelevant ones.

Two models of a kind, trained from other seeds, answer the same patterns. Where answers follow from what was learnt, the
two agree; where they follow from the seed, they agree as often as their answers' frequencies make them. Adversarial
patterns, P_a, lie within R and are answered otherwise than their nearest image is labelled; irrelevant ones, P_r, lie
outside. If the two kinds of patterns cannot be told apart, agreement is the same on both, and a model is as certain of
its answers to the ones as of those to the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from scipy import stats

from weightspace.classifier import Classifier
from weightspace.data.hypercube import flip_bits
from weightspace.data.labelled_images import LabelledImages, is_among
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import pack, unpack
from weightspace.estimates import NUMBERS, estimates_by, mean_over_seeds, share_over_seeds
from weightspace.pattern_space.shells import ShellSample, answers_of

_COLUMNS = ["readout", "part", "distance", "seed", "alike", "n", "by_chance", "certainty"]
Packed = UInt8[np.ndarray, "B bytes"]


def outside(
    images: LabelledImages, distance: int, radius: int, draws: int, *, generator: np.random.Generator
) -> Packed:
    """Patterns of P_r: images with ``distance`` of their bits flipped, those left out that lie within ``radius`` of
    any image.
    """
    centres = generator.integers(0, len(images.masks), draws)
    packed = pack(flip_bits(unpack(images.packed[centres], images.size), distance, generator=generator) > 0)
    return packed[ImageSearch(images.packed).nearest(packed)[0] > radius]


def compare(
    models: Sequence[Classifier],
    images: LabelledImages,
    sample: ShellSample,
    distances: Sequence[int],
    far: Mapping[int, Packed],
) -> pd.DataFrame:
    """Each model of one kind beside the next one, on its patterns of P_a and on patterns of P_r.

    Args:
        models: one a seed; a single one has none beside it, and gives no rows.
        sample: of the shells within R, of which those at ``distances`` are looked at; the last of these is what
            certainty on P_r is compared with.
        far: patterns of P_r by the number of flipped bits.

    Returns:
        Rows readout, part, distance, seed; ``alike``, of ``n`` patterns those that the next model answers alike;
        ``by_chance``, the share that would be alike if answers were as frequent and independent; ``certainty``, of
        P_r, the chance that the lead of the largest score is smaller than on P_a, ties by halves (Mann and Whitney's
        statistic), NaN where there are no scores or no patterns.
    """
    rows: list[dict[str, Any]] = []
    leads: dict[tuple[str, int], Any] = {}
    for distance in distances:
        inside, leads = sample.distance == distance, {}
        if not inside.any():  # around small images another one is nearer to every pattern drawn
            continue
        packed, masks = sample.packed[inside], sample.masks[inside]
        for readout, seed, mine, other in _pairs(models, packed, images.size):
            wrong = ~is_among(mine, masks)
            rows.append(_row(readout, "P_a", distance, seed, mine[wrong], other[wrong]))
            leads[readout, seed] = _leads(models[seed], packed[wrong], images.size)
    for distance, packed in far.items():
        if not len(packed):  # all of them lie within R
            continue
        for readout, seed, mine, other in _pairs(models, packed, images.size):
            certainty = _smaller(_leads(models[seed], packed, images.size), leads.get((readout, seed)))
            rows.append(_row(readout, "P_r", distance, seed, mine, other) | {"certainty": certainty})
    return pd.DataFrame(rows, columns=_COLUMNS)


def _pairs(models, packed, size) -> Iterator[tuple[str, int, Any, Any]]:
    """For each read-out and seed the answers of its model and those of the next one."""
    answers = [answers_of(model, packed, size) for model in models] if len(models) > 1 else [{}]
    for readout in answers[0]:
        for seed, given in enumerate(answers):
            yield readout, seed, given[readout], answers[(seed + 1) % len(answers)][readout]


def _row(readout, part, distance, seed, mine, other):
    chance = sum((mine == label).mean() * (other == label).mean() for label in np.union1d(mine, other))
    head = {"readout": readout, "part": part, "distance": int(distance), "seed": seed}
    return head | {"alike": int((mine == other).sum()), "n": len(mine), "by_chance": chance, "certainty": np.nan}


def _leads(model, packed, size):
    """By how much the largest score leads, None where there are no scores."""
    if model.scores is None:
        return None
    return np.diff(np.partition(model.scores(unpack(packed, size)), -2, axis=1)[:, -2:], axis=1)[:, 0]


def _smaller(values, others):
    """Chance that one of the values is smaller than one of the others."""
    if values is None or others is None or not len(values) or not len(others):
        return np.nan
    return float(stats.mannwhitneyu(others, values).statistic / (len(others) * len(values)))


def agreement_table(compared: Mapping[str, pd.DataFrame], *, shell: int) -> pd.DataFrame:
    """The table `answer_agreement`.

    Args: compared, for each model what `compare` gave; shell, the distance whose adversarial patterns those of P_r are
    compared with.

    Returns: rows model, readout, part, distance, quantity with an estimate over seeds: ``agreement`` and ``by_chance``;
    and of P_r ``minus_adversarial``, its agreement less that on P_a, and ``less_certain``, the chance that a model is
    less certain of a pattern of P_r than of one of P_a, less one half.
    """
    pairs = pd.concat(
        [pd.DataFrame(columns=["model", *_COLUMNS]), *(rows.assign(model=model) for model, rows in compared.items())]
    ).infer_objects()
    adversarial = pairs[(pairs.part == "P_a") & (pairs.distance == shell) & (pairs.n > 0)]
    known = adversarial.set_index(["model", "readout", "seed"])

    def estimates(group):
        group, total = group[group.n > 0], int(group.n.sum())
        yield {"quantity": "agreement", **vars(share_over_seeds(group.alike, group.n))}
        if not total:
            return
        yield {"quantity": "by_chance", **vars(mean_over_seeds(group.by_chance, n=total, bounds=(0.0, 1.0)))}
        if group.part.iloc[0] == "P_a":
            return
        beside = known.reindex(pd.MultiIndex.from_frame(group[["model", "readout", "seed"]]))
        less = (group.alike / group.n).to_numpy() - (beside.alike / beside.n).to_numpy()
        for quantity, values, bound in (
            ("minus_adversarial", less, 1.0),
            ("less_certain", group.certainty.to_numpy() - 0.5, 0.5),
        ):
            values = values[np.isfinite(values)]
            if len(values):
                yield {"quantity": quantity, **vars(mean_over_seeds(values, n=total, bounds=(-bound, bound)))}

    keys = ["model", "readout", "part", "distance"]
    return estimates_by(keys, pairs, estimates).reindex(columns=[*keys, "quantity", *NUMBERS])
