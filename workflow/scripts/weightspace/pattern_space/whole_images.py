"""All that is measured of the pattern space around whole images for one model: the kinds by shell, certified images,
and rare shares.
"""

import numpy as np
import pandas as pd

from weightspace.draws import generator
from weightspace.pattern_space import ANSWER, ASYMPTOTIC, certification
from weightspace.pattern_space.network_answers import FlippedNetwork, has_table_form
from weightspace.pattern_space.rare_patterns import Shell, wrong_margin
from weightspace.pattern_space.shells import answers_of, count_kinds


def measure(classifier, images, sample, shared, *, exhaustive, certified, rare, seed, device="cpu"):
    """Measure one model.

    Args:
        classifier: a network or a memory; sample, `shells.ShellSample`; shared, `shells.SharedFlips`.
        exhaustive: whether all single flips of all images are tried, for a network with a table form.
        certified: ``images``, how many rightly answered images are tried, and ``distance``, up to which bounds are
            looked for.
        rare: ``images``, ``distances``, ``particles``, ``steps`` and ``runs`` of multilevel splitting, for classifiers
            with logits; or None.
        seed: of the model; device: where networks are asked.

    Returns:
        Three DataFrames: kinds by shell and read-out; rows of `certification.summarise`; rows of rare shares.
    """
    shells, answers = estimate_kinds(classifier, images, sample)
    order = generator(seed, "certified images").permutation(len(images.masks))
    certificates, flipped = [], FlippedNetwork(classifier, device=device) if has_table_form(classifier) else None
    for readout, given in answers.items():
        chosen = order[images.bears(given)[order]][: certified["images"]]
        patterns, labels = images.patterns[chosen], given[chosen]
        if flipped is None:
            distances = certification.safe_from_single_flips(classifier, patterns, labels, readout).astype(int)
            tried = most = 1
        else:
            distances = certification.safe_distances_of_network(flipped, patterns, labels, certified["distance"])
            tried, most = min(2, certified["distance"]), certified["distance"]
        certificates += [
            {"readout": readout, **row}
            for row in certification.summarise(distances, tried=tried, most=most, n=len(chosen))
        ]
    if exhaustive and flipped is not None and 1 in sample.distances:
        first, _ = certification.try_single_flips(flipped, images, answers[ANSWER], shared)
        shells = pd.concat([shells[shells.distance != 1], first.assign(readout=ANSWER)], ignore_index=True)
    tails = pd.DataFrame(columns=["image", "distance", "log10_share", "low", "high", "runs", "reached"])
    if rare is not None and hasattr(classifier, "logits"):
        chosen = order[images.bears(answers[ANSWER])[order]]
        tails = rare_shares(classifier, images, chosen[: rare["images"]], rare, seed=seed)
        shells = pd.concat([shells, unseen(classifier, images, chosen, shells, rare, seed=seed)], ignore_index=True)
    return shells, pd.DataFrame(certificates), tails


def estimate_kinds(classifier, images, sample):
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
    # A largest logit there always is, so that no answer is not rare but impossible.
    return (shells[shells.kind != "P_none"] if hasattr(classifier, "logits") else shells), at_images


def rare_shares(classifier, images, chosen, rare, *, seed):
    """Shares of the patterns at some distances from single images that a network answers otherwise, log10, by
    multilevel splitting.
    """
    rows = []
    for image in chosen:
        for distance in rare["distances"]:
            drawn = generator(seed, "splitting", int(image), distance)
            found = _share(classifier, images, np.array([image]), distance, rare, drawn)
            rows.append(
                {
                    "image": int(image),
                    "distance": distance,
                    **_decimal(found),
                    "runs": found.runs,
                    "reached": found.reached,
                }
            )
    return pd.DataFrame(rows)


def unseen(classifier, images, right, shells, rare, *, seed):
    """Multilevel splitting for the shells in which no adversarial pattern was drawn, over all images that are answered
    rightly.

    Returns: rows as of `shells.count_kinds`, of kind P_adv and guarantee asymptotic, whose ``log10_share``
    is that among all pairs of an image and a pattern of the shell; a pattern nearest to several images is counted with
    each.
    """
    drawn = (
        shells[(shells.kind == "P_adv") & (shells.distance > 0)]
        .groupby("distance")
        .agg(hits=("hits", "sum"), n=("n", "max"))
    )
    rows = []
    for distance in drawn.index[drawn.hits == 0]:
        found = _share(
            classifier, images, right, int(distance), rare, generator(seed, "splitting of a shell", int(distance))
        )
        share = {name: value + np.log10(len(right) / len(images.masks)) for name, value in _decimal(found).items()}
        head = {
            "readout": ANSWER,
            "distance": distance,
            "kind": "P_adv",
            "labels": "one",
            "hits": 0,
            "n": int(drawn.n[distance]),
        }
        rows.append(
            {
                **head,
                "guarantee": ASYMPTOTIC,
                "log10_share": share["log10_share"],
                "log10_low": share["low"],
                "log10_high": share["high"],
            }
        )
    return pd.DataFrame(rows)


def _share(classifier, images, centres, distance, rare, drawn):
    shell = Shell(images.patterns[centres], distance, wrong_margin(classifier, images.masks[centres]))
    return shell.share(**{key: rare[key] for key in ("particles", "steps", "runs")}, generator=drawn)


def _decimal(found):
    return dict(zip(("log10_share", "low", "high"), found.decimal(), strict=True))
