"""All patterns by number, and the nearest image of each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_memories import rng

from weightspace.data import hypercube
from weightspace.data.hypercube import all_patterns, first_distinct, flip_bits, random_patterns


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


@pytest.mark.parametrize("distance", [0, 1, 7, 12])
def test_flipped_bits_are_as_many_as_asked_and_anywhere(distance):
    patterns = random_patterns(2000, 12, generator=rng(0))
    changed = flip_bits(patterns, distance, generator=rng(1)) != patterns
    assert (changed.sum(axis=1) == distance).all()
    assert changed.mean(axis=0) == pytest.approx(np.full(12, distance / 12), abs=0.05)


def test_more_bits_than_there_are_cannot_be_flipped():
    with pytest.raises(ValueError, match="between 0 and 12, found 13"):
        flip_bits(random_patterns(1, 12, generator=rng(0)), 13, generator=rng(0))


def test_random_patterns_are_fair_and_grow_by_rows():
    many = random_patterns(3000, 40, generator=rng(3))
    assert set(np.unique(many)) == {-1, 1}
    assert abs(many.mean()) < 0.01
    assert (random_patterns(7, 40, generator=rng(3)) == many[:7]).all()


def test_more_than_twenty_neurons_are_too_many_to_follow():
    with pytest.raises(ValueError, match="up to N = 20, found N = 21"):
        all_patterns(21)


def test_distinct_patterns_are_the_first_of_their_kind():
    candidates = np.array([[1, 1, -1], [-1, -1, 1], [1, 1, -1], [1, -1, 1], [-1, -1, -1]], np.int8)
    assert first_distinct(candidates, 3).tolist() == [[1, 1, -1], [1, -1, 1], [-1, -1, -1]]
    with pytest.raises(ValueError, match=r"4 different patterns of 3 bits are wanted, but only 3 of 5 differ"):
        first_distinct(candidates, 4)
