"""Files of flipped patterns come back, and are not believed."""

import numpy as np
import pytest
from flip_data import attacked
from small_models import SIZE, Linear, rng

from weightspace.attacks import binary_attacks
from weightspace.attacks.flip_files import FlippedPatterns, collect
from weightspace.files import FileError
from weightspace.networks.architectures import Network


def test_a_file_of_flipped_patterns_comes_back(data, tmp_path):
    files = attacked(data, 0)
    files.write(tmp_path / "a.npz")
    read = FlippedPatterns.read(tmp_path / "a.npz", data)
    assert all((getattr(read, name) == getattr(files, name)).all() for name in FlippedPatterns.__dataclass_fields__)
    clean, labels, found, _ = read.of_seed(1, data)
    assert ((found[0] != clean).sum(axis=1) == 1).all()
    assert (labels == data.test_labels[10:20]).all()


def test_a_seed_of_which_nothing_is_right_keeps_its_clean_patterns(data):
    # Once its patterns were whatever the memory held before.
    index = np.arange(20).reshape(2, 10)
    clean = [data.test(row) for row in index]
    means = binary_attacks.Means(Network(Linear(np.eye(SIZE)[0])), [1, 4], data.train(), rng())
    definition = {"method": "gradient_flips", "growth": 0, "lookahead": 0, "surrogates": None}
    wrong, right = (
        binary_attacks.attack(means, definition, patterns, labels)
        for patterns, labels in zip(clean, (1 - data.test_labels[:10], data.test_labels[10:20]), strict=True)
    )
    files = collect(index, ["flip"], [[wrong], [right]], clean, [1, 4])
    assert (files.flips[0] == [[0] * 10, [1] * 10]).all()
    assert (files.fixed[:, 0] == data.packed_test[:10]).all()
    assert (files.fixed[:, 1] != data.packed_test[10:20]).any(axis=2).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda arrays: arrays["found"].__setitem__((0, 1, 2, 0), arrays["found"][0, 1, 2, 0] ^ 0b110),
            "flip changed test image 12 in 3 bits",
        ),
        (
            lambda arrays: arrays["found"].__setitem__((0, 0, 0, 2), arrays["found"][0, 0, 0, 2] ^ 1),
            "flip changed test image 0 in 2 bits",
        ),
        (
            lambda arrays: arrays["fixed"].__setitem__((0, 0, 3, 1), arrays["fixed"][0, 0, 3, 1] ^ 1),
            "more than its budget of 1",
        ),
        (lambda arrays: arrays.update(found=arrays["found"].astype(np.float32)), "expected shape"),
        (lambda arrays: arrays.update(flips=arrays["flips"][:, :, :5]), "expected shape"),
        (lambda arrays: arrays["index"].__setitem__((0, 0), 4000), "no position among 40 test images"),
    ],
)
def test_a_file_is_not_believed(data, tmp_path, change, sentence):
    arrays = {name: array.copy() for name, array in vars(attacked(data, 0)).items()}
    change(arrays)
    FlippedPatterns(**arrays).write(tmp_path / "bad.npz")
    with pytest.raises(FileError, match=sentence):
        FlippedPatterns.read(tmp_path / "bad.npz", data)
