"""All that is measured of the pattern space around whole images for one model: the kinds by shell, certified images,
and rare shares.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int, Int64

from weightspace.classifier import ANSWER, Classifier
from weightspace.data.labelled_images import LabelledImages
from weightspace.draws import generator
from weightspace.pattern_space import ASYMPTOTIC, certification
from weightspace.pattern_space.network_answers import FlippedNetwork
from weightspace.pattern_space.rare_patterns import Shell, wrong_margin
from weightspace.pattern_space.shells import SharedFlips, ShellSample, answers_of, count_kinds
from weightspace.splitting import LogShare

_RARE = ["image", "distance", "log10_share", "low", "high", "runs", "reached"]


def measure(
    classifier: Classifier,
    images: LabelledImages,
    sample: ShellSample,
    shared: SharedFlips,
    *,
    exhaustive: bool,
    certified: Mapping[str, int],
    rare: Mapping[str, Any] | None,
    seed: int,
    device: str = "cpu",
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Measure one model.

    Args:
        exhaustive: whether all single flips of all images are tried, of a fully connected network.
        certified: ``images``, how many rightly answered images are tried, and ``distance``, up to which bounds are
            looked for.
        rare: ``images``, ``distances``, ``particles``, ``steps`` and ``runs`` of multilevel splitting, for classifiers
            with continuous scores; or None.
        seed: of the model.
        device: where fully connected networks are asked for flips.

    Returns:
        Three DataFrames: kinds by shell and read-out; rows of `certification.summarise`; rows of rare shares.
    """
    shells, answers = estimate_kinds(classifier, images, sample)
    order = generator(seed, "certified images").permutation(len(images.masks))
    network = classifier.perceptron
    flipped = None if network is None else FlippedNetwork(network, device=device)
    certificates = [
        {"readout": readout, **row}
        for readout, given in answers.items()
        for row in _certify(classifier, flipped, images, given, order, readout, certified)
    ]
    if exhaustive and flipped is not None and 1 in sample.distances:
        first, _ = certification.try_single_flips(flipped, images, answers[ANSWER], shared)
        shells = pd.concat([shells[shells.distance != 1], first.assign(readout=ANSWER)], ignore_index=True)
    tails = pd.DataFrame(columns=_RARE)
    if rare is not None and classifier.continuous_scores:
        chosen = order[images.bears(answers[ANSWER])[order]]
        tails = rare_shares(classifier, images, chosen[: rare["images"]], rare, seed=seed)
        shells = pd.concat([shells, unseen(classifier, images, chosen, shells, rare, seed=seed)], ignore_index=True)
    return shells, pd.DataFrame(certificates), tails


def _certify(classifier, flipped, images, given, order, readout, limits):
    """Rows of the table `certified` for one read-out, whose answers to all images are ``given``: of the first images
    of an order that are answered rightly.
    """
    chosen = order[images.bears(given)[order]][: limits["images"]]
    patterns, labels = images.patterns[chosen], given[chosen]
    if flipped is None:
        safe = certification.safe_from_single_flips(classifier, patterns, labels, readout)
        return certification.summarise(safe.astype(int), tried=1, most=1)
    distance = limits["distance"]
    found = certification.safe_distances_of_network(flipped, patterns, labels, distance)
    return certification.summarise(found, tried=min(2, distance), most=distance)


def estimate_kinds(
    classifier: Classifier, images: LabelledImages, sample: ShellSample
) -> tuple[pd.DataFrame, dict[str, Int[np.ndarray, " M"]]]:
    """Rows of `shells.count_kinds` with the column readout, for every read-out of a classifier; and its answers to the
    images, by read-out.
    """
    at_images, at_sample = (answers_of(classifier, packed, images.size) for packed in (images.packed, sample.packed))
    learnt = images.learnt_by(classifier)
    parts = [
        count_kinds(images, sample, learnt, at_images[readout], at_sample[readout]).assign(readout=readout)
        for readout in at_images
    ]
    shells = pd.concat(parts, ignore_index=True)
    return (shells[shells.kind != "P_none"] if classifier.always_answers else shells), at_images


def rare_shares(
    classifier: Classifier,
    images: LabelledImages,
    chosen: Int64[np.ndarray, " C"],
    rare: Mapping[str, Any],
    *,
    seed: int,
) -> pd.DataFrame:
    """Shares of the patterns at some distances from single images that a network answers otherwise, log10, by
    multilevel splitting.
    """
    rows = []
    for image in chosen:
        for distance in rare["distances"]:
            drawn = generator(seed, "splitting", int(image), distance)
            found = _share(classifier, images, np.array([image]), distance, rare, drawn)
            shares = dict(zip(("log10_share", "low", "high"), found.decimal(), strict=True))
            rows.append(
                {"image": int(image), "distance": distance, **shares, "runs": found.runs, "reached": found.reached}
            )
    return pd.DataFrame(rows, columns=_RARE)


def unseen(
    classifier: Classifier,
    images: LabelledImages,
    right: Int64[np.ndarray, " R"],
    shells: pd.DataFrame,
    rare: Mapping[str, Any],
    *,
    seed: int,
) -> pd.DataFrame:
    """Multilevel splitting for the shells in which no adversarial pattern was drawn, over all images ``right`` that are
    answered rightly.

    Returns: rows as of `shells.count_kinds`, of kind P_adv and guarantee asymptotic, whose ``log10_share`` is that
    among all pairs of an image and a pattern of the shell; a pattern nearest to several images is counted with each.
    """
    drawn = (
        shells[(shells.kind == "P_adv") & (shells.distance > 0)]
        .groupby("distance")
        .agg(hits=("hits", "sum"), n=("n", "max"))
    )
    rows = []
    for distance in drawn.index[drawn.hits == 0]:
        generated = generator(seed, "splitting of a shell", int(distance))
        found = _share(classifier, images, right, int(distance), rare, generated).decimal()
        shares = (share + np.log10(len(right) / len(images.masks)) for share in found)
        head = {"readout": ANSWER, "distance": distance, "kind": "P_adv", "labels": "one", "hits": 0}
        rows.append(
            head
            | {"n": int(drawn.n[distance]), "guarantee": ASYMPTOTIC}
            | dict(zip(("log10_share", "log10_low", "log10_high"), shares, strict=True))
        )
    return pd.DataFrame(rows)


def _share(classifier, images, centres, distance, rare, drawn) -> LogShare:
    shell = Shell(images.patterns[centres], distance, wrong_margin(classifier, images.masks[centres]))
    return shell.share(**{key: rare[key] for key in ("particles", "steps", "runs")}, generator=drawn)
