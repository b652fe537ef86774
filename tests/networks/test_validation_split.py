"""Learning rates are looked at on a part of the training images: no test image is read, and none is on both sides."""

import sys

import numpy as np
from running import ROOT

from weightspace.data import IMAGES, LABELS
from weightspace.data.raw_files import write_idx

sys.path.append(str(ROOT / "benchmarks"))
import hyperparameters


def test_no_test_image_is_read(tmp_path, capsys):
    labels = np.arange(60, dtype=np.uint8) % 2
    write_idx(tmp_path / LABELS["train"], labels)
    write_idx(tmp_path / IMAGES["train"], np.full((60, 4, 4), 200, dtype=np.uint8) * labels[:, None, None])
    (learnt, labels), (held_out, other_labels) = hyperparameters.split(tmp_path)
    assert (len(learnt), len(held_out)) == (len(labels), len(other_labels)) == (54, 6)
    hyperparameters.main(tmp_path, "relu_mlp")
    row = capsys.readouterr().out.splitlines()[-1]
    assert row.startswith("| relu_mlp | 0.002 | ")


def test_no_image_is_learnt_and_judged(monkeypatch):
    monkeypatch.setattr(hyperparameters, "read_grey", lambda raw, part: np.arange(100)[:, None])
    monkeypatch.setattr(hyperparameters, "read_labels", lambda raw, part: np.zeros(100))
    (learnt, _), (held_out, _) = hyperparameters.split(None)
    assert sorted([*learnt[:, 0], *held_out[:, 0]]) == list(range(100))
    assert len(held_out) == 10
