"""From grey levels to patterns of ±1, and the file that holds them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from raw_data import idx_bytes

from weightspace.data import RAW_NAMES
from weightspace.data.download import obtain
from weightspace.data.patterns import (
    Patterns,
    binarise,
    pack,
    read_patterns,
    save_patterns,
    signs,
    unpack,
    write_patterns,
)
from weightspace.data.raw_files import read_grey, read_labels
from weightspace.files import FileError, read_npz, write_npz


def test_mnist_patterns_are_the_images_above_half(mnist_raw, mnist_patterns):
    assert (mnist_patterns.shape, mnist_patterns.size) == ((28, 28), 784)
    assert mnist_patterns.packed_train.shape == (60_000, 98)
    rows = np.array([59_999, 0, 17])
    for split, patterns, labels in (
        ("train", mnist_patterns.train(rows), mnist_patterns.train_labels),
        ("test", mnist_patterns.test([5, 3]), mnist_patterns.test_labels),
    ):
        grey = read_grey(mnist_raw, split)[rows if split == "train" else [5, 3]]
        np.testing.assert_array_equal(patterns, np.where(grey >= 128, 1, -1))
        assert (patterns.dtype, labels.dtype) == (np.int8, np.int64)
        np.testing.assert_array_equal(labels, read_labels(mnist_raw, split))
    np.testing.assert_array_equal(mnist_patterns.test(slice(2)), mnist_patterns.test()[:2])


@pytest.mark.parametrize("threshold", [0, 0.2, 0.25, 0.4, 0.5, 0.6, 0.8, 0.999, 1])
def test_threshold_is_exact_at_the_boundary(threshold):
    levels = np.arange(256)
    expected = [Fraction(int(level), 255) > Fraction(str(threshold)) for level in levels]
    for images in (levels.astype(np.uint8), (levels / 255).astype(np.float32), levels / 255):
        assert binarise(images.reshape(2, 8, 16), threshold=threshold).ravel().tolist() == expected


def test_every_grey_level_as_threshold_separates_itself_from_the_next():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256)
    for level in range(256):
        assert binarise(levels, threshold=level / 255).sum() == 255 - level


@pytest.mark.parametrize(
    ("images", "threshold", "error"),
    [
        (np.zeros((1, 4), np.uint8), 1.5, ValueError),
        (np.zeros((1, 4), np.uint8), -0.1, ValueError),
        (np.zeros((1, 4), np.int8), 0.5, TypeError),
        (np.full((1, 4), 1.01), 0.5, ValueError),
        (np.full((1, 4), -0.01, np.float32), 0.5, ValueError),
        (np.full((1, 4), np.nan), 0.5, ValueError),
    ],
)
def test_binarise_refuses_what_it_would_misread(images, threshold, error):
    with pytest.raises(error, match="allowed"):
        binarise(images, threshold=threshold)


@given(hnp.arrays(np.bool_, st.tuples(st.integers(0, 5), st.integers(1, 40))))
def test_unpack_inverts_pack(bits):
    packed = pack(bits)
    assert packed.shape == (len(bits), -(-bits.shape[1] // 8))
    patterns = unpack(packed, bits.shape[1])
    assert patterns.dtype == np.int8
    np.testing.assert_array_equal(patterns, np.where(bits, 1, -1))
    np.testing.assert_array_equal(patterns, signs(bits))


def test_patterns_of_a_dataset_of_odd_size(tiny, tmp_path):
    obtain("tiny", tiny.folder(), tiny.output)
    write_patterns(tiny.output, tmp_path / "patterns.npz", threshold=0.3)
    patterns = read_patterns(tmp_path / "patterns.npz")
    assert (patterns.shape, patterns.size, patterns.packed_train.shape) == ((5, 4), 20, (6, 3))
    np.testing.assert_array_equal(patterns.train(), np.where(tiny.arrays[0].reshape(6, 20) > 76.5, 1, -1))
    np.testing.assert_array_equal(patterns.test([2, 0]), np.where(tiny.arrays[2].reshape(3, 20)[[2, 0]] > 76.5, 1, -1))
    np.testing.assert_array_equal(patterns.train_labels, tiny.arrays[1])
    with np.load(tmp_path / "patterns.npz", allow_pickle=False) as stored:
        assert sorted(stored) == ["shape", "test", "test_labels", "train", "train_labels"]
        assert {stored[name].dtype for name in stored if name != "shape"} == {np.dtype(np.uint8)}


def test_same_images_give_the_same_bytes(tiny, tmp_path):
    obtain("tiny", tiny.folder(), tiny.output)
    for name in ("one.npz", "two.npz"):
        write_patterns(tiny.output, tmp_path / name, threshold=0.5)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        (RAW_NAMES[1], np.zeros(5, np.uint8), "found 6 train images and 5 labels"),
        (RAW_NAMES[2], np.zeros((3, 4, 4), np.uint8), r"shape \(5, 4\) and test images of shape \(4, 4\)"),
        (RAW_NAMES[0], np.zeros((6, 20), np.uint8), "has 2 dimensions, expected 3 for images"),
        (RAW_NAMES[3], np.zeros((3, 1), np.uint8), "has 2 dimensions, expected 1 for labels"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(tiny, tmp_path, name, array, message):
    obtain("tiny", tiny.folder(), tiny.output)
    (tiny.output / name).write_bytes(idx_bytes(array))
    with pytest.raises(FileError, match=message):
        write_patterns(tiny.output, tmp_path / "patterns.npz", threshold=0.5)
    assert not (tmp_path / "patterns.npz").exists()


def test_patterns_file_that_is_damaged_is_refused(tmp_path):
    path = tmp_path / "patterns.npz"
    good = Patterns(
        np.zeros((4, 3), np.uint8), np.zeros((2, 3), np.uint8), np.zeros(4, np.int64), np.zeros(2, np.int64), (5, 4)
    )
    save_patterns(path, good)
    np.testing.assert_array_equal(read_patterns(path).train(), -np.ones((4, 20)))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FileError, match="damaged"):
        read_patterns(path)
    save_patterns(path, replace(good, shape=(7, 4)))
    with pytest.raises(FileError, match=r"'train' is uint8 of shape \(4, 3\), expected uint8 of shape \(4, 4\)"):
        read_patterns(path)
    save_patterns(path, good)
    write_npz(path, **read_npz(path) | {"test_labels": np.zeros(3, np.uint8)})
    with pytest.raises(FileError, match=r"'test' is uint8"):
        read_patterns(path)
    write_npz(path, train=good.packed_train)
    with pytest.raises(FileError, match="lacks the array 'test'"):
        read_patterns(path)
