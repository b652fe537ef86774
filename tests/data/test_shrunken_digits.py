"""Digits of a few pixels."""

import numpy as np
import pytest

from weightspace.data.shrunken_digits import choose_class_patterns, shrink_apart, shrink_patterns


def test_shrunken_patterns_are_thresholded_means_of_what_the_crop_leaves():
    grey = np.zeros((1, 6, 6), np.uint8)
    grey[0, 0] = 255  # cut off
    grey[0, 1:3, 1:3] = [[255, 0], [0, 0]]  # a quarter
    grey[0, 3:5, 3:5] = [[255, 0], [1, 0]]  # a little more
    assert shrink_patterns(grey, shape=(2, 2), crop=1, threshold=0.25).tolist() == [[-1, -1, -1, 1]]
    with pytest.raises(ValueError, match="a crop of 2 leaves 2 x 2 pixels; allowed: 3 x 2 or more"):
        shrink_patterns(grey, shape=(3, 2), crop=2, threshold=0.25)


def test_shrunken_digits_show_what_sets_them_apart():
    images = np.array([[[1, 1, -1, -1]] * 4, [[-1, -1, -1, -1]] * 2 + [[1, 1, 1, 1]] * 2], np.int8)
    average = np.zeros(4)
    assert shrink_apart(images, average, (2, 2)).tolist() == [[1, -1, 1, -1], [-1, -1, 1, 1]]
    assert shrink_apart(images, np.array([2.0, 0, 0, 0]), (2, 2))[0].tolist() == [-1, -1, 1, -1]


def test_two_classes_are_stood_for_by_single_images():
    # The mean of either less the mean of both is the other's complement.
    generator = np.random.default_rng(0)
    images, labels = generator.integers(0, 256, (40, 9, 6)), np.arange(40) % 2
    patterns, found = choose_class_patterns(images, labels, patterns=2, shape=(3, 2))
    assert abs(patterns[0].astype(int) @ patterns[1]) < 6
    assert sorted(found) == [0, 1]


def test_digits_of_six_pixels_differ(mnist_raw):
    from weightspace.data.raw_files import read_images, read_labels

    patterns, labels = choose_class_patterns(
        read_images(mnist_raw, "test"), read_labels(mnist_raw, "test"), patterns=3, shape=(3, 2)
    )
    assert patterns.shape == (3, 6)
    assert len(set(labels)) == 3
    overlaps = np.abs(patterns.astype(int) @ patterns.T) - 6 * np.eye(3)
    assert overlaps.max() < 6
    with pytest.raises(ValueError, match=r"small_network\.patterns is 2"):
        choose_class_patterns(np.zeros((4, 28, 28)), np.array([0, 1, 2, 3]), patterns=2, shape=(3, 2))
