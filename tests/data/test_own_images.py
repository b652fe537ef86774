"""A user's own images and labels: checked by their headers before any job, then taken into the four IDX files."""

import numpy as np
import pytest

from weightspace.configuration.checks import check_config
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.messages import ConfigError
from weightspace.data.own_images import OwnDataError, convert, shapes
from weightspace.data.raw_files import read_images, read_labels


@pytest.fixture
def arrays():
    generator = np.random.default_rng(0)
    return {
        "train_images": generator.integers(0, 256, (30, 5, 4), dtype=np.uint8),
        "train_labels": np.arange(30) % 3,
        "test_images": generator.integers(0, 256, (6, 5, 4), dtype=np.uint8),
        "test_labels": np.arange(6) % 3,
    }


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
            np.zeros((30, 20), dtype=np.uint8),
            r"train_images has the shape \(30, 20\) and type \|u1; allowed: \(n, height, width\)",
        ),
        ("train_images", np.zeros((30, 5, 4)), r"type <f8; allowed: \(n, height, width\) of uint8"),
        (
            "test_images",
            np.zeros((6, 5, 5), dtype=np.uint8),
            "test_images are 5 by 5 pixels; allowed: as train_images, 5 by 4",
        ),
        (
            "test_labels",
            np.zeros(5, dtype=int),
            r"test_labels has the shape \(5,\) and type <i8; allowed: \(6,\) of integers",
        ),
        ("test_labels", np.zeros(6), r"type <f8; allowed: \(6,\) of integers"),
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
        ({"train_labels": np.arange(30) % 3 * 2}, "train_labels holds 0, 2, 4; allowed: 0, 1"),
        ({"test_labels": np.arange(6)}, "test_labels holds 3, 4, 5"),
    ],
)
def test_labels_with_gaps_are_refused(arrays, tmp_path, labels, message):
    np.savez(tmp_path / "mine.npz", **{**arrays, **labels})
    with pytest.raises(OwnDataError, match=message):
        convert(tmp_path / "mine.npz", tmp_path / "raw")
    assert not (tmp_path / "raw").exists()


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
    with pytest.raises(
        ConfigError, match=r"is \d+; allowed: at most \d+, the number of (training|test) images of mine"
    ):
        check_config(config, tmp_path)  # the default numbers of images are too large for so few
    for change, message in (
        ({"name": "mnist"}, "dataset.name is 'mnist'; allowed: a name of its own beside dataset.file"),
        ({"directory": "."}, "dataset.directory is '.'; allowed: null beside dataset.file"),
        ({"file": "absent.npz"}, "dataset.file: .*absent.npz does not exist"),
    ):
        with pytest.raises(ConfigError, match=message):
            check_config({**config, "dataset": {**config["dataset"], **change}}, tmp_path)
