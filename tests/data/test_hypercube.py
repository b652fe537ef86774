"""All patterns by number, and the nearest image of each."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_spaces import rng

from weightspace.data import hypercube


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_nearest_images_are_those_of_all_distances(size, count, seed):
    count = min(count, 2**size)
    codes = rng(seed).choice(2**size, count, replace=False)
    masks = (1 << rng(seed + 1).integers(0, 16, count)).astype(np.uint16)
    distances, indices, labels = hypercube.nearest_to_all(codes, masks, size)
    each = np.bitwise_count(np.arange(2**size)[:, None] ^ codes[None])
    assert (distances == each.min(axis=1)).all()
    assert (indices == each.argmin(axis=1)).all()
    for row, found in zip(each, labels, strict=True):
        assert np.bitwise_or.reduce(masks[row == row.min()]) == found


def test_blocks_hold_every_pattern_once():
    found = np.concatenate([hypercube.codes_of(patterns) for _, patterns in hypercube.blocks(18)])
    assert (found == np.arange(2**18)).all()
