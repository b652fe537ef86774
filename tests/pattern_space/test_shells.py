"""Shells: each pattern is accepted from one image only, and whole shells give the exact partition."""

import numpy as np
import pandas as pd
import pytest
from small_spaces import labelled, network_of, sampled

from weightspace.data import hypercube
from weightspace.data.labelled_images import is_among
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import pack
from weightspace.pattern_space import certification, tables
from weightspace.pattern_space.enumeration import Space, answers_to_all
from weightspace.pattern_space.network_answers import FlippedNetwork
from weightspace.pattern_space.shells import SharedFlips
from weightspace.pattern_space.whole_images import estimate_kinds


def test_each_pattern_of_a_shell_is_accepted_from_one_image_only():
    images = labelled(7, 12, seed=2)
    distances, indices, masks = hypercube.nearest_to_all(hypercube.codes_of(images.patterns), images.masks, 7)
    search = ImageSearch(images.packed)
    for distance in (1, 2, 3):
        accepted = []
        for image, pattern in enumerate(images.patterns):
            around = np.array([x for x in hypercube.patterns_of(np.arange(128), 7) if (x != pattern).sum() == distance])
            owned, found = search.owners(pack(around > 0), np.full(len(around), image), distance, images.masks)
            codes = hypercube.codes_of(around[owned])
            accepted += codes.tolist()
            assert (indices[codes] == image).all()
            assert (found[owned] == masks[codes]).all()
        assert sorted(accepted) == np.flatnonzero(distances == distance).tolist()


def test_exact_shells_give_the_exact_partition():
    images = labelled(10, 16, seed=4)
    network = network_of(10, seed=3)
    space = Space(images, largest=10)
    counted = space.count(answers_to_all(network, 10)[0]["answer"], images.learnt_by(network))
    head = {"dataset": "d", "bits": 10, "model": "m", "readout": "answer", "seed": 0}
    exact = tables.exact_partition(counted.assign(**head), [0, 1])
    flips = SharedFlips.of(images)
    shells, answers = estimate_kinds(network, images, sampled(images, [2], 10))
    first, safe = certification.try_single_flips(FlippedNetwork(network.perceptron), images, answers["answer"], flips)
    shells = pd.concat([shells[shells.distance == 0], first.assign(readout="answer")])
    found = tables.estimated_partition(shells.assign(**head, images=len(images.masks)), [0, 1])
    keys = ["radius", "part"]
    assert found.set_index(keys)["count"].to_dict() == exact.set_index(keys)["count"].to_dict()
    assert (found.guarantee == "exact").all()
    right = images.bears(answers["answer"])
    for image, pattern in enumerate(images.patterns):
        each = network.predict(np.where(np.eye(10, dtype=bool), -pattern, pattern))
        assert safe[image] == (right[image] and is_among(each, images.masks[[image] * 10]).all())


def test_a_radius_beyond_the_pixels_is_refused():
    with pytest.raises(ValueError, match="a radius is 13; allowed: at most the 12 pixels"):
        sampled(labelled(12, 8), [13], 5)
