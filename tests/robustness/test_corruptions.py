"""Corruptions do what they say, the same for every model, and who errs on them is tabulated."""

import numpy as np
import pytest

from weightspace.classifier import Classifier
from weightspace.robustness.corruptions import KINDS, corrupted, errors, tabulate, write_errors


@pytest.fixture
def grey():
    images = np.zeros((30, 12, 10), dtype=np.uint8)
    images[:, 4:8, 3:7] = 255
    return images


def mean_change(grey, kind, level):
    return np.abs(corrupted(grey, kind, level, seed=0) - grey.reshape(len(grey), -1).astype(float)).mean()


@pytest.mark.parametrize(("kind", "weak", "strong"), [("noise", 0.1, 0.4), ("blur", 0.5, 2), ("occlusion", 3, 9)])
def test_a_higher_level_changes_more(grey, kind, weak, strong):
    assert 0 < mean_change(grey, kind, weak) < mean_change(grey, kind, strong)


def test_contrast_keeps_the_mean_and_shifts_keep_the_shape(grey):
    flat = corrupted(grey, "contrast", 0.75, seed=0).astype(float)
    assert np.allclose(flat.mean(), grey.mean(), atol=0.5)
    assert np.allclose(np.ptp(flat, axis=1), 255 / 4, atol=1)
    moved = corrupted(grey, "shift", 2, seed=0).reshape(grey.shape)
    assert (moved.sum(axis=(1, 2)) == grey[0].sum()).all()  # it stays within the image
    corners = {tuple(np.argwhere(image)[0] - (4, 3)) for image in moved}
    assert corners == {(a, b) for a in (-2, 0, 2) for b in (-2, 0, 2) if a or b}


def test_an_occluded_square_is_black_and_may_lie_anywhere(grey):
    white = np.full_like(grey, 255)
    covered = corrupted(white, "occlusion", 4, seed=0).reshape(grey.shape) == 0
    assert (covered.sum(axis=(1, 2)) == 16).all()
    assert len({tuple(np.argwhere(image)[0]) for image in covered}) > 10
    assert (corrupted(white, "occlusion", 100, seed=0) == 0).all()


def test_every_model_of_a_seed_sees_the_same(grey):
    for kind in KINDS:
        once, again, other = (corrupted(grey, kind, 3 if kind != "contrast" else 0.3, seed=seed) for seed in (0, 0, 1))
        assert (once == again).all()
        assert kind in ("blur", "contrast") or (once != other).any()


class Inked(Classifier):
    """Answers 1 where more than a given number of pixels are set; ``grey`` ones by their grey levels, too."""

    def __init__(self, least, *, sees_grey=True):
        self.least, self.sees_grey = least, sees_grey

    def predict(self, patterns):
        return (np.asarray(patterns) > 0).sum(axis=1) > self.least

    def answers(self, grey, patterns):
        bright = {"grey": (grey.sum(axis=1) / 255 > self.least).astype(int)} if self.sees_grey else {}
        return {**bright, "nearest": self.predict(patterns).astype(int), "exact": np.zeros(len(grey), dtype=int)}


def test_errors_are_tabulated_and_compared_on_images_that_both_answer_rightly(tmp_path, grey):
    levels, labels = {"contrast": [0.2, 0.9], "blur": [0.1]}, np.ones(30, dtype=np.uint8)
    labels[:10] = 0  # which both models get wrong when clean
    for name, model in (("one", Inked(5, sees_grey=False)), ("other", Inked(15))):
        seeds = [errors(model, grey, labels, levels, seed=seed, threshold=0.5) for seed in range(3)]
        write_errors(tmp_path / f"{name}.npz", seeds)
    table = tabulate([tmp_path / "one.npz", tmp_path / "other.npz"], levels, [["one", "other"], ["one", "absent"]])
    found = table.set_index(["model", "sees", "corruption", "severity", "quantity"]).estimate
    assert found["one", "binarised", "clean", 0, "error"] == pytest.approx(1 / 3)
    assert found["one", "binarised", "contrast", 2, "error"] == pytest.approx(2 / 3)  # no pixel above the threshold
    assert found["other", "grey", "contrast", 2, "error"] == pytest.approx(1 / 3)
    compared = table[table.quantity == "minus_reference"]
    assert set(compared.sees) == {"binarised"}  # the first sees no grey image
    assert compared.severity.tolist() == [1, 2, 1]
    assert compared.estimate.tolist() == [0, 0, 0]  # both lose all that they had
    assert (compared.n == 3 * 20).all()
