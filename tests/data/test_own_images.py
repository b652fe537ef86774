"""A user's own images and labels: checked by their headers before any job, then taken into the four IDX files."""

import numpy as np
import pytest
from own_data import noise

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError
from weightspace.data.own_images import OwnDataError, OwnImages, check_threshold, convert, describe, shapes
from weightspace.data.raw_files import read_images, read_labels


@pytest.fixture
def arrays():
    return noise((5, 4), 3, train=120, test=21)


def test_images_and_labels_come_through(arrays, tmp_path):
    np.savez_compressed(tmp_path / "mine.npz", **arrays)
    assert shapes(tmp_path / "mine.npz") == {name: array.shape for name, array in arrays.items()}
    convert(tmp_path / "mine.npz", tmp_path / "raw")
    for split in ("train", "test"):
        assert (read_images(tmp_path / "raw", split) == arrays[f"{split}_images"]).all()
        assert (read_labels(tmp_path / "raw", split) == arrays[f"{split}_labels"]).all()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "train_images",
            np.zeros((120, 20), dtype=np.uint8),
            r"train_images has the shape \(120, 20\) and type \|u1; allowed: \(n, height, width\)",
        ),
        ("train_images", np.zeros((120, 5, 4)), r"type <f8; allowed: \(n, height, width\) of uint8"),
        (
            "test_images",
            np.zeros((21, 5, 5), dtype=np.uint8),
            "test_images are 5 by 5 pixels; allowed: as train_images, 5 by 4",
        ),
        (
            "test_labels",
            np.zeros(5, dtype=int),
            r"test_labels has the shape \(5,\) and type <i8; allowed: \(21,\) of integers",
        ),
        ("test_labels", np.zeros(21), r"type <f8; allowed: \(21,\) of integers"),
        ("test_labels", None, "lacks the array test_labels; allowed: an npz file with train_images, "),
        ("train_labels", np.array([[{}]]), r"train_labels has the shape \(1, 1\) and type \|O"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_header(arrays, tmp_path, name, value, message):
    arrays = {key: array for key, array in {**arrays, name: value}.items() if array is not None}
    np.savez(tmp_path / "mine.npz", **arrays)
    with pytest.raises(OwnDataError, match=f"mine.npz.*{message}"):
        shapes(tmp_path / "mine.npz")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"train_labels": np.arange(120) % 3 * 2}, "train_labels holds 0, 2, 4; allowed: 0, 1"),
        ({"test_labels": np.arange(21) % 6}, "test_labels holds 3, 4, 5"),
        ({"train_labels": np.zeros(120, dtype=int)}, "train_labels holds 0; allowed: 0, 1, ... without a gap, 2 to 16"),
        ({"train_labels": np.arange(120) % 17}, r"train_labels holds 0, 1, .* \.\.\.; allowed"),
        ({"train_labels": np.arange(120) % 3 - 1}, "train_labels holds -1, 0, 1"),
        (
            {"train_labels": np.where(np.arange(120) < 3, 2, np.arange(120) % 2)},
            "train_labels holds the label 2 3 times; allowed: each .* 4",
        ),
        (noise((5, 4), 3, train=99, test=21), "train_images holds 99 images; allowed: 100 or more"),
        (noise((5, 4), 3, train=100, test=19), "test_images holds 19 images; allowed: 20 or more"),
    ],
)
def test_labels_and_numbers_that_do_not_fit_are_refused(arrays, tmp_path, labels, message):
    np.savez(tmp_path / "mine.npz", **{**arrays, **labels})
    with pytest.raises(OwnDataError, match=message):
        describe(tmp_path / "mine.npz")
    with pytest.raises(OwnDataError, match=message):
        convert(tmp_path / "mine.npz", tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, ">i2", np.int32, ">u4", np.int64, ">i8"])
def test_labels_of_every_type_are_read(arrays, tmp_path, kind):
    np.savez_compressed(tmp_path / "mine.npz", **{**arrays, "train_labels": arrays["train_labels"].astype(kind)})
    assert describe(tmp_path / "mine.npz") == OwnImages(train=120, test=21, shape=(5, 4), classes=3)


@pytest.mark.parametrize("order", ["C", "F"])
def test_images_that_the_threshold_makes_alike_are_refused(arrays, tmp_path, order):
    def saved(images):
        np.savez(tmp_path / "mine.npz", **{**arrays, "train_images": np.asarray(images, order=order)})
        return tmp_path / "mine.npz"

    check_threshold(saved(arrays["train_images"]), 0.5)
    never_scaled = saved(arrays["train_images"] // 16)
    with pytest.raises(OwnDataError, match=r"make 1 different patterns, .* 0 to 15 of 255 .* scale .* such as 0.029$"):
        check_threshold(never_scaled, 0.5)
    check_threshold(never_scaled, 0.029)
    with pytest.raises(OwnDataError, match=r"span 50 to 255 of 255 .* or more, so set dataset.threshold .* 0.6$"):
        check_threshold(saved(np.maximum(arrays["train_images"], 50)), 0.1)
    few = arrays["train_images"][np.arange(120) % 19]
    with pytest.raises(OwnDataError, match="make 19 different patterns"):
        check_threshold(saved(few), 0.5)


def test_no_npz_and_no_file(tmp_path):
    (tmp_path / "mine.npz").write_text("hello")
    with pytest.raises(OwnDataError, match=r"mine\.npz is no npz file"):
        shapes(tmp_path / "mine.npz")
    with pytest.raises(OwnDataError, match=r"absent\.npz does not exist"):
        shapes(tmp_path / "absent.npz")


def test_configuration_of_own_data(arrays, tmp_path):
    np.savez(tmp_path / "mine.npz", **arrays)
    config = load_configuration()
    config["dataset"] |= {"name": "mine", "file": "mine.npz"}
    with pytest.raises(ConfigError, match=r"5x5.shape\[1\] is 5; allowed: at most 4, the width \(pixels\) of mine"):
        check_config(config, tmp_path)
    for change, message in (
        ({"name": "mnist"}, "dataset.name is 'mnist'; allowed: a name of its own beside dataset.file"),
        ({"directory": "."}, "dataset.directory is '.'; allowed: null beside dataset.file"),
        ({"file": "absent.npz"}, "dataset.file: .*absent.npz does not exist"),
        ({"threshold": 0.999}, "dataset.file: .*mine.npz: .* make 8 different patterns"),
    ):
        with pytest.raises(ConfigError, match=message):
            check_config({**config, "dataset": {**config["dataset"], **change}}, tmp_path)
