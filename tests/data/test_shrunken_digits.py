"""Digits of a few pixels."""

import numpy as np
import pytest

from weightspace.data.shrunken_digits import shrink_patterns


def test_shrunken_patterns_are_thresholded_means_of_what_the_crop_leaves():
    grey = np.zeros((1, 6, 6), np.uint8)
    grey[0, 0] = 255  # cut off
    grey[0, 1:3, 1:3] = [[255, 0], [0, 0]]  # a quarter
    grey[0, 3:5, 3:5] = [[255, 0], [1, 0]]  # a little more
    assert shrink_patterns(grey, shape=(2, 2), crop=1, threshold=0.25).tolist() == [[-1, -1, -1, 1]]
    with pytest.raises(ValueError, match="a crop of 2 leaves 2 x 2 pixels; allowed: 3 x 2 or more"):
        shrink_patterns(grey, shape=(3, 2), crop=2, threshold=0.25)
