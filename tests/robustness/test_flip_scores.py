"""Scores of flipped patterns are the answers, image by image."""

import numpy as np
import pytest
from flip_data import attacked, first_bit, random_of, scores_of

from weightspace.files import FileError
from weightspace.robustness.flip_scores import FlipScores, score_flips


def test_scores_are_the_answers_image_by_image(data, tmp_path):
    one = scores_of(data)[1]
    one.write(tmp_path / "s.npz")
    one = FlipScores.read(tmp_path / "s.npz")
    truth = data.test_labels[10:20]
    second_wrong = (data.test(np.arange(10, 20))[:, 1] > 0) != truth
    assert (one.wrong == np.stack([np.zeros(10), second_wrong])).all()
    assert (one.transferred[0, 0] == 1).all()  # on its own patterns
    assert (one.transferred[0, 1] == 0).all()  # the other's flips do not touch its bit
    assert (one.transferred[:, 2] == one.wrong[:, None]).all()


def test_a_success_that_is_none_is_found(data):
    with pytest.raises(FileError, match="classifies image 0 rightly after 1 flips"):
        score_flips({"first": first_bit}, {"first": attacked(data, 2)}, random_of(data), {}, seed=0, data=data)
