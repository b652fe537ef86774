"""Labelled images, of which several may be one pattern."""

import pytest
from small_spaces import rng

from weightspace.data.hypercube import random_patterns
from weightspace.data.labelled_images import collect, is_among


def test_images_that_coincide_with_different_labels_are_counted_and_kept():
    pattern = random_patterns(3, 6, generator=rng(0))
    images = collect(pattern[[0, 0, 0, 1, 2]], [2, 1, 2, 0, 0], [True, False, False, False, True])
    assert (len(images.masks), images.ambiguous) == (3, 1)
    assert images.label_ceiling == pytest.approx(4 / 5)
    place = images.find(pattern[:1])[0]
    assert images.masks[place] == 0b110
    assert images.trained[place]
    assert images.describe("d").iloc[0].to_dict()["patterns_of_several_labels"] == 1
    assert is_among([1, 2, 0, -1], images.masks[[place] * 4]).tolist() == [True, True, False, False]
    with pytest.raises(ValueError, match="of 20 patterns are none of the labelled images"):
        images.find(random_patterns(20, 6, generator=rng(7)))
