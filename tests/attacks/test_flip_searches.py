"""Which images are attacked, and the files of the search for the fewest flips."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import rng

from weightspace.attacks.flip_searches import CleanAnswers, FlipSearches, collect
from weightspace.attacks.portfolio import Attacked, search
from weightspace.classifier import Classifier
from weightspace.files import FileError

INDEX = np.stack([np.arange(6), np.arange(6) + 10])
WRONG = np.array(
    [
        [[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]],
        [[0, 1, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]],
        [[0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]],
    ],
    dtype=bool,
)
ANSWERS = CleanAnswers(INDEX, np.array(["a", "b", "c"]), WRONG)


def chosen(model, pairs, images=2, others=3):
    return [np.flatnonzero(row).tolist() for row in ANSWERS.chosen(model, pairs, images=images, others=others)]


def test_a_pair_is_attacked_on_the_first_images_that_both_answer_rightly():
    assert chosen("a", [("a", "b")]) == chosen("b", [("a", "b")]) == [[2, 3], [0, 2]]


def test_a_model_of_several_pairs_is_attacked_on_the_images_of_each():
    assert chosen("a", [("a", "b"), ("a", "c"), ("b", "c")]) == [[1, 2, 3], [0, 2]]


def test_a_model_of_no_pair_is_attacked_on_the_first_that_it_answers_rightly():
    assert chosen("a", [("b", "c")]) == [[1, 2, 3], [0, 1, 2]]
    assert chosen("c", []) == [[0, 1, 2], []]


class OneBit(Classifier):
    """Answers with one bit of a pattern."""

    def __init__(self, place):
        self.place = place

    def predict(self, patterns):
        return (patterns[:, self.place] > 0).astype(np.int64)


def found_for(data):
    model = OneBit(0)
    index = np.stack([np.arange(8), np.arange(8) + 8])
    attacked = np.stack([np.arange(8) < 5, np.zeros(8, dtype=bool)])
    traces = [
        search(
            Attacked(model.predict, None, [], 2),
            data.test(rows[some]),
            data.test_labels[rows[some]],
            data.train(),
            queries=[60, 120],
            largest=20,
            generator=rng(),
        )
        for rows, some in zip(index, attacked, strict=True)
    ]
    return collect(index, attacked, traces, data)


def test_what_was_found_is_written_read_and_asked_again(data, tmp_path):
    path = tmp_path / "searches.npz"
    found_for(data).write(path)
    read = FlipSearches.read(path, data)
    assert (read.flips[:, 0, 5:] == -2).all()
    assert (read.flips[:, 1] == -2).all()
    assert (read.flips[-1, 0, :5] == 1).all()
    assert (read.spent[0, :5] > 0).all()
    assert read.spent.max() <= 120
    read.check("first", OneBit(0), seed=0, data=data)
    read.check("first", OneBit(0), seed=1, data=data)


def test_flips_that_mislead_another_model_are_refused(data):
    # The second bit is flipped nowhere, so where it says the label it still does.
    labels = (data.test()[:, 1] > 0).astype(np.int64)
    with pytest.raises(FileError, match="rightly after flips that should mislead it; search again"):
        found_for(data).check("second", OneBit(1), seed=0, data=replace(data, test_labels=labels))


def test_numbers_of_flips_that_are_not_those_of_the_patterns_are_refused(data, tmp_path):
    found = found_for(data)
    found.flips[-1, 0, 0] = 3
    found.write(tmp_path / "searches.npz")
    with pytest.raises(FileError, match="test image 0 is changed in 1 bits, where it says 3"):
        FlipSearches.read(tmp_path / "searches.npz", data)
