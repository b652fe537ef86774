"""Intervals against the enumeration and closed forms."""

import dataclasses

import numpy as np
import pytest
from small_spaces import SPLITTING, labelled, memory_of, network_of

from weightspace.pattern_space import coverage
from weightspace.pattern_space.enumeration import Space


def test_shells_and_parts_are_estimated_as_they_are_counted():
    """Few repeats here; 100 are in the table `coverage`, by the same function."""
    images = labelled(10, 16, seed=4)
    models = {"mlp": network_of(10, seed=3), "iterative": memory_of(images, "iterative")}
    rows = coverage.cover_counts(Space(images, largest=10), models, draws=300, radii=[1, 3], repeats=25)
    table = coverage.summarise(rows)
    assert set(table.quantity) >= {"R within 1 bits", "P_g within 3 bits", "P_none within 3 bits"}
    assert (table.covered >= 20).all()
    assert table.estimate.mean() > 0.93
    assert (table.median_width < 3 * table.needed_width).all()


@pytest.mark.parametrize(
    ("size", "agreeing", "distance", "least"), [(60, 36, 8, 8), (200, 100, 60, 50), (784, 430, 48, 44)]
)
def test_splitting_finds_a_hypergeometric_tail(size, agreeing, distance, least):
    rows = coverage.cover_hypergeometric(
        size=size, agreeing=agreeing, distance=distance, least=least, **SPLITTING, repeats=2
    )
    assert (rows.truth < -1.9).all()
    assert np.abs(rows.estimate - rows.truth).max() < 0.06 * abs(rows.truth.iloc[0]) + 0.3
    assert (rows.low < rows.high).all()


def test_an_image_of_every_label_is_passed_over_where_a_rare_event_is_sought():
    images, network = labelled(10, 16, seed=4), network_of(10, seed=3)
    right = np.flatnonzero(images.bears(network.predict(images.patterns)))
    masks = images.masks.copy()
    masks[right[0]] = 0b111
    blurred = dataclasses.replace(images, masks=masks)
    centre, _, _, share = coverage.rare_event(Space(blurred, largest=10), network, distance=4, rank=5)
    assert images.find(centre) == right[1]
    assert share == 5 / 210
    everything = dataclasses.replace(images, masks=np.full_like(masks, 0b111))
    with pytest.raises(ValueError, match="around no image does the network tell 5 patterns"):
        coverage.rare_event(Space(everything, largest=10), network, distance=4, rank=5)
