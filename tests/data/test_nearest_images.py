"""The search for nearest images against all comparisons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_spaces import rng

from weightspace.data.hypercube import random_patterns
from weightspace.data.labelled_images import collect
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import pack


@given(st.integers(1, 3), st.integers(60, 200), st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_pairs_and_distances_of_a_search_are_those_of_all_comparisons(limit, size, seed):
    patterns = random_patterns(30, size, generator=rng(seed))
    patterns[10:20] = patterns[:10]
    patterns[np.arange(10, 20), rng(seed).integers(0, size, 10)] *= -1
    images = collect(patterns, np.zeros(30, int), np.ones(30, bool))
    apart = (images.patterns[:, None] != images.patterns[None]).sum(axis=2)
    search = ImageSearch(images.packed)
    assert {tuple(pair) for pair in search.pairs(limit).tolist()} == set(
        zip(*np.nonzero(np.triu(apart <= limit, 1)), strict=True)
    )
    probes = random_patterns(5, size, generator=rng(seed + 1))
    assert (
        search.nearest(pack(probes > 0))[0].tolist()
        == (probes[:, None] != images.patterns[None]).sum(axis=2).min(axis=1).tolist()
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(1, 12), st.integers(1, 30), st.integers(0, 10**6))
def test_nearest_image_is_that_of_all_distances(size, queries, images, seed):
    asked = random_patterns(queries, size, generator=rng(seed))
    among = random_patterns(images, size, generator=rng(seed + 1))
    apart = (asked[:, None] != among[None]).sum(axis=2)
    distance, index = ImageSearch(pack(among > 0)).nearest(pack(asked > 0))
    assert (distance == apart.min(axis=1)).all()
    assert (index == apart.argmin(axis=1)).all()


def test_sizes_that_do_not_fit_are_refused():
    search = ImageSearch(pack(random_patterns(3, 40, generator=rng(0)) > 0))
    short = pack(random_patterns(2, 30, generator=rng(0)) > 0)
    with pytest.raises(ValueError, match="patterns have 4 bytes each; allowed: 5"):
        search.nearest(short)
    fitting, labels = pack(random_patterns(2, 40, generator=rng(0)) > 0), np.ones(3, dtype=np.uint16)
    with pytest.raises(ValueError, match="2 labels of 3 images"):
        search.owners(fitting, np.array([0, 1]), 3, labels[:2])
    with pytest.raises(ValueError, match="centres lie between 0 and 3; allowed: 0 to 2"):
        search.owners(fitting, np.array([0, 3]), 3, labels)
