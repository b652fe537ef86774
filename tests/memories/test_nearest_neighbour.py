"""The control that stores images and recalls nothing."""

import numpy as np

from weightspace.loading import load
from weightspace.memories.nearest_neighbour import NearestNeighbour, overlap_scores


def test_nearest_neighbour_is_the_nearest_and_answers_alike_from_its_file(tmp_path, mnist_patterns):
    stored, labels = mnist_patterns.train(slice(0, 300)), mnist_patterns.train_labels[:300]
    control = NearestNeighbour(stored, labels, np.arange(300))
    tests = mnist_patterns.test(slice(0, 50))
    distances = (tests[:, None, :] != stored[None]).sum(axis=2)  # (50, 300)
    assert (control.predict(tests) == labels[distances.argmin(axis=1)]).all()
    control.save(tmp_path / "a.safetensors")
    again = load(tmp_path / "a.safetensors")
    assert (again.patterns == stored).all()
    assert (again.answers(np.zeros(tests.shape, dtype=np.uint8), tests)["binarised"] == control.predict(tests)).all()


def test_a_class_without_a_pattern_has_no_score():
    patterns = np.array([[1, 1, 1], [-1, -1, -1]], dtype=np.int8)
    assert overlap_scores(patterns, patterns, np.array([0, 2])).tolist() == [[3, -np.inf, -3], [-3, -np.inf, 3]]
