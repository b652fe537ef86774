"""Examples are of the kinds and distances that they are shown as."""

import numpy as np
from small_spaces import labelled, network_of, rng, sampled

from weightspace.data.labelled_images import is_among
from weightspace.data.patterns import unpack
from weightspace.figures.pattern_examples import draw_pattern_examples
from weightspace.pattern_space import NOTHING, SHOWN
from weightspace.pattern_space.examples import choose, far_patterns


def test_examples_are_of_the_kinds_and_distances_that_they_are_shown_as():
    images = labelled(16, 20, seed=6)
    network, drawn = network_of(16, seed=1), sampled(images, [1, 2], 200)
    chosen = choose(network, images, drawn, [0, 1, 2], readout="answer")
    right = images.bears(network.predict(images.patterns))
    for line, column in zip(*np.nonzero(chosen["label"] != NOTHING), strict=True):
        pattern = unpack(chosen["packed"][line, column][None], 16)
        apart = (images.patterns != pattern).sum(axis=1)
        assert apart.min() == column
        nearest = int(apart.argmin())
        masks = np.bitwise_or.reduce(images.masks[apart == apart.min()])
        is_right = is_among(network.predict(pattern), np.array([masks]))[0]
        assert SHOWN[line] == ("P_g" if is_right else "P_adv" if right[nearest] else "P_err")
    names, packed, nearest = far_patterns(images, [3, 9], generator=rng(0))
    assert names.tolist() == ["3 flipped", "9 flipped", "all ink", "no ink", "random", "random"]
    assert nearest.tolist() == [(images.patterns != row).sum(axis=1).min() for row in unpack(packed, 16)]
    arrays = {
        "distances": np.array([0, 1, 2]),
        "shape": np.array([4, 4]),
        "far_names": names,
        "far_packed": packed,
        "far_nearest": nearest,
    }
    for kind in ("network", "memory"):
        arrays |= {f"{kind}_{name}": array for name, array in chosen.items()} | {
            f"{kind}_name": np.array(kind),
            f"{kind}_far": np.zeros(6, int),
        }
    figure = draw_pattern_examples(arrays, families={})
    assert (
        sum(
            bool(axes.images)
            for part in figure.subfigs
            for axes in [*part.axes, *(a for sub in part.subfigs for a in sub.axes)]
        )
        >= 12
    )
