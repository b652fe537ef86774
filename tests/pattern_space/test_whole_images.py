"""All that is measured around whole images for one model, on images that can be enumerated."""

import numpy as np
import pandas as pd
import pytest
from small_spaces import SPLITTING, Silent, labelled, memory_of, network_of, sampled

from weightspace.data import hypercube
from weightspace.data.labelled_images import is_among
from weightspace.pattern_space import tables
from weightspace.pattern_space.enumeration import answers_to_all
from weightspace.pattern_space.shells import SharedFlips
from weightspace.pattern_space.whole_images import estimate_kinds, measure, unseen


def test_what_cannot_be_is_not_given_an_upper_limit():
    images = labelled(12, 8, seed=1)
    network = network_of(12)
    head = {"dataset": "d", "bits": 12, "model": "m", "seed": 0, "images": len(images.masks)}
    shells, _ = estimate_kinds(network, images, sampled(images, [1, 2], 20))
    table = tables.estimated_partition(shells.assign(**head), [2]).set_index("part")
    assert table.loc["P_none", ["count", "guarantee"]].tolist() == ["0", "exact"]
    assert table.loc["P_t", "count"] == str(int(images.trained.sum()))
    assert table.loc["R", "guarantee"] == "clopper-pearson"
    silent, _ = estimate_kinds(Silent(), images, sampled(images, [1, 2], 20))
    table = tables.estimated_partition(silent.assign(**head), [2]).set_index("part")
    assert np.isinf(table.loc["P_g", "log10_count"])
    assert table.loc["P_none", "log10_count"] > 1
    assert np.isfinite(table.loc["P_adv", "high"])


def test_one_model_is_measured_whole():
    images = labelled(16, 20, seed=6)
    drawn, flips = sampled(images, [1, 2, 3], 40), SharedFlips.of(images)
    rare = {"images": 1, "distances": [3], **SPLITTING}
    shells, certified, tails = measure(
        network_of(16, seed=1),
        images,
        drawn,
        flips,
        exhaustive=True,
        certified={"images": 3, "distance": 4},
        rare=rare,
        seed=0,
    )
    assert shells[shells.distance == 1].guarantee.unique().tolist() == ["exact"]
    assert certified.guarantee.tolist() == ["exact", "exact", "lower bound", "lower bound"]
    assert len(tails) == 1
    shells, certified, tails = measure(
        memory_of(images, "dense"),
        images,
        drawn,
        flips,
        exhaustive=False,
        certified={"images": 3, "distance": 4},
        rare=None,
        seed=0,
    )
    assert certified.readout.tolist() == ["nearest", "exact"]
    assert set(shells.readout) == {"nearest", "exact"}
    assert tails.empty


def test_shells_in_which_nothing_was_seen_are_split():
    images = labelled(16, 20, seed=6)
    network = network_of(16, seed=1)
    shells, answers = estimate_kinds(network, images, sampled(images, [2], 40))
    shells.loc[shells.kind == "P_adv", "hits"] = 0
    right = np.flatnonzero(images.bears(answers["answer"]))
    found = unseen(network, images, right, shells, SPLITTING, seed=0)
    assert found.guarantee.tolist() == ["asymptotic"]
    whole = pd.concat([shells, found]).assign(dataset="d", bits=16, model="m", seed=0, images=len(images.masks))
    row = tables.estimated_partition(whole, [2]).set_index("part").loc["P_adv"]
    assert row.guarantee == "asymptotic"
    around = [np.bitwise_count(np.arange(2**16) ^ code) == 2 for code in hypercube.codes_of(images.patterns[right])]
    labels = answers_to_all(network, 16)[0]["answer"]
    wrong = sum(
        (~is_among(labels[each], images.masks[[image] * 120])).sum() for image, each in zip(right, around, strict=True)
    )
    assert 10**row.log10_count == pytest.approx(wrong, rel=0.4)
