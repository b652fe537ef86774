"""The dataset that the configuration names, and numbers of images that it must have."""

import dataclasses

import pytest
from refusals import put, refusal

from weightspace.configuration.checks import check_config
from weightspace.data.datasets import DATASETS

MNIST = DATASETS["mnist"]


IDX_FILES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


def test_unknown_dataset(config):
    put(config, "dataset.name", "fashion")
    message = refusal(check_config, config)
    assert message.startswith("dataset.name is 'fashion'; allowed: ")
    assert message.endswith("; did you mean 'fashion_mnist'?")
    assert all(name in message for name in ("mnist", "fashion_mnist", "kmnist"))


def test_a_new_dataset_is_one_entry(config, monkeypatch):
    monkeypatch.setitem(DATASETS, "letters", dataclasses.replace(MNIST, train_size=50000, test_size=8000))
    put(config, "dataset.name", "letters")
    check_config(config)
    put(config, "memories.hebbian_40.patterns", 50001)
    assert (
        refusal(check_config, config)
        == "memories.hebbian_40.patterns is 50001; allowed: at most 50000, the number of training images of letters"
    )


def test_more_patterns_than_training_images(config):
    # Also where the memory is defined but not run: what is written down must make sense.
    put(config, "memories.not_run", {"rule": "hebbian", "patterns": 60001})
    assert (
        refusal(check_config, config)
        == "memories.not_run.patterns is 60001; allowed: at most 60000, the number of training images of mnist"
    )
    put(config, "memories.not_run.patterns", 60000)
    check_config(config)


def test_more_images_than_the_dataset_has(config, monkeypatch):
    keys = ("patterns", "images", "validation")
    patterns = max(
        *(
            sum(definition.get(key, 0) for key in keys)
            for part in ("memories", "controls")
            for definition in config[part].values()
        ),
        *config["capacity"]["images"],
    )
    among = config["binary_attacks"]["search"]["among"]
    tested = max(config["adversarial"]["test_images"], config["recall_dynamics"]["images"], among)
    put(config, "adversarial.test_images", tested)
    put(config, "ordering.images", patterns)
    monkeypatch.setitem(DATASETS, "small", dataclasses.replace(MNIST, train_size=patterns, test_size=tested))
    put(config, "dataset.name", "small")
    put(config, "gradient_descent_path.images", patterns + 1)
    assert (
        refusal(check_config, config)
        == f"gradient_descent_path.images is {patterns + 1}; allowed: at most {patterns}, the number of training images"
        " of small"
    )
    put(config, "gradient_descent_path.images", patterns)
    check_config(config)
    put(config, "adversarial.test_images", tested + 1)
    assert (
        refusal(check_config, config)
        == f"adversarial.test_images is {tested + 1}; allowed: at most {tested}, the number of test images of small"
    )


def test_more_stored_images_than_there_are(config):
    put(config, "capacity.images", [10, 60001])
    assert refusal(check_config, config).startswith("capacity.images[1] is 60001; allowed: ")


@pytest.fixture
def folder(tmp_path):
    """A folder with the four files, two of them compressed."""
    (tmp_path / "mine").mkdir()
    for index, name in enumerate(IDX_FILES):
        (tmp_path / "mine" / (name + (".gz" if index % 2 else ""))).touch()
    return tmp_path / "mine"


@pytest.mark.parametrize("relative", [True, False])
def test_directory_with_the_four_files_passes(config, folder, relative):
    put(config, "dataset.directory", "mine" if relative else str(folder))
    check_config(config, folder.parent)


def test_directory_that_does_not_exist(config, tmp_path):
    put(config, "dataset.directory", "nowhere")
    assert (
        refusal(check_config, config, tmp_path)
        == "dataset.directory is 'nowhere', which is not an existing folder; allowed: null, or a folder with"
        " train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each"
        " plain or .gz"
    )


@pytest.mark.parametrize(
    "directory", ["a\0b", "long" * 2000, "mine/train-images-idx3-ubyte", "mine/train-images-idx3-ubyte/deeper"]
)
def test_directory_that_cannot_be_a_folder(config, folder, directory):
    put(config, "dataset.directory", directory)
    assert "which is not an existing folder; allowed: " in refusal(check_config, config, folder.parent)


@pytest.mark.parametrize("name", IDX_FILES)
@pytest.mark.parametrize("instead", ["nothing", "folder"])
def test_directory_that_lacks_a_file(config, folder, name, instead):
    for path in folder.glob(f"{name}*"):
        path.unlink()
    if instead == "folder":
        (folder / name).mkdir()
    put(config, "dataset.directory", "mine")
    assert refusal(check_config, config, folder.parent).startswith(
        f"dataset.directory is 'mine', which lacks the file {name}; allowed: "
    )
