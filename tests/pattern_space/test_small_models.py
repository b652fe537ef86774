"""Stored patterns of shrunken digits."""

import numpy as np
import pytest
from small_spaces import rng

from weightspace.data.hypercube import random_patterns
from weightspace.pattern_space.small_models import choose_distinct


def test_stored_patterns_differ_from_one_another_and_from_complements():
    patterns, labels = np.concatenate([random_patterns(3, 5, generator=rng(1))] * 4), np.arange(12) % 2
    patterns[3:6] *= -1
    index = choose_distinct(patterns, labels, 3, seed=0)
    overlaps = patterns[index].astype(int) @ patterns[index].T
    assert (np.abs(overlaps) == 5).sum() == 3
    with pytest.raises(ValueError, match=r"pattern_space.digits is 4, but only 3 of 12 shrunken images differ"):
        choose_distinct(patterns, labels, 4, seed=0)
