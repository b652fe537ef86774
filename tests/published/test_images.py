"""Works on images, on few and small ones, against plain numpy."""

import numpy as np
import pytest

import measure_published_images
from weightspace.memories.nearest_neighbour import nearest_grey
from weightspace.memories.quadratic_rules import perceptron
from weightspace.networks.architectures import scaled_grey
from weightspace.networks.least_squares import largest_output, least_squares
from weightspace.plan import PUBLISHED_IMAGES
from weightspace.published import images

RNG = np.random.default_rng(0)


def blobs(count):
    """Grey images of 6 x 6 pixels in three classes, each bright in rows of its own, with noise."""
    labels = np.arange(count, dtype=np.int64) % 3
    grey = RNG.integers(0, 120, (count, 36))
    for place, label in enumerate(labels):
        grey[place, 12 * label : 12 * label + 12] += 100
    return grey.astype(np.uint8), labels


DIGITS = images.Digits(*blobs(240), *blobs(90))


def test_nearest_grey_images_by_all_distances():
    distances = ((DIGITS.test[:, None].astype(np.int64) - DIGITS.train) ** 2).sum(axis=2)
    expected = DIGITS.train_labels[distances.argmin(axis=1)]
    assert (nearest_grey(DIGITS.train, DIGITS.train_labels, DIGITS.test) == expected).all()
    found = images.simple_classifiers(DIGITS, {"images": 90})
    assert found["nearest_neighbour"].estimate == (expected != DIGITS.test_labels).mean()


def test_least_squares_by_the_pseudo_inverse():
    inputs, others = (np.column_stack([grey / 255, np.ones(len(grey))]) for grey in (DIGITS.train, DIGITS.test))
    expected = np.linalg.pinv(inputs) @ (2.0 * np.eye(3)[DIGITS.train_labels] - 1)
    weights = least_squares(DIGITS.train / 255, DIGITS.train_labels)
    assert weights == pytest.approx(expected, abs=1e-6)
    assert (largest_output(weights, DIGITS.test / 255) == (others @ expected).argmax(axis=1)).all()


def test_fast_gradients_of_a_linear_classifier_in_closed_form():
    network = images.trained(DIGITS, images._LINEAR | {"epochs": 3}, seed=1)
    (attacked,) = images.craft(
        images.attackable(network), DIGITS.test, DIGITS.test_labels, images._FAST_GRADIENT, seed=1
    )
    weights, bias = (value.numpy() for value in network.module.state_dict().values())
    logits = scaled_grey(DIGITS.test) @ weights.T + bias
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    slope = (chances - np.eye(3)[DIGITS.test_labels]) @ weights  # of the cross entropy
    moved = np.clip(DIGITS.test.astype(int) + 63 * np.sign(slope).astype(int), 0, 255)  # 0.25 of 255, rounded down
    assert (np.abs(slope) > 1e-6).mean() > 0.9
    assert ((attacked == moved) | (np.abs(slope) < 1e-6)).mean() > 0.999
    named = np.array([0, 3, 7])  # of which the logistic one is for the last two
    digits = images.Digits(DIGITS.train, named[DIGITS.train_labels], DIGITS.test, named[DIGITS.test_labels])
    found = images.fast_gradient_sign(digits, {"epochs": 3, "draws": 2})
    assert found["logistic_clean"].n == 2 * 60
    assert found["softmax_attacked"].estimate > found["softmax_clean"].estimate


def test_classes_are_numbered_anew():
    some = DIGITS.of([0, 2])
    assert set(some.train_labels) == {0, 1}
    assert (some.test == DIGITS.test[DIGITS.test_labels != 1]).all()


def test_smallest_distortions_of_a_linear_classifier_by_its_margins():
    settings = {"images": 20, "steps": 100, "epochs": 5, "draws": 3}
    found = images.minimal_distortions(DIGITS, settings)
    lengths = []
    for seed in range(3):
        network = images.trained(DIGITS, images._LINEAR | {"epochs": 5}, seed=seed)
        weights, bias = (value.numpy() for value in network.module.state_dict().values())
        logits = scaled_grey(DIGITS.test) @ weights.T + bias
        own = DIGITS.test_labels
        gaps = logits[np.arange(90), own][:, None] - logits
        slopes = np.linalg.norm(2 * (weights[own][:, None] - weights), axis=2)  # pixels in [0, 1]
        reach = np.where(slopes > 0, gaps / np.where(slopes > 0, slopes, 1), np.inf).min(axis=1)
        lengths.append(np.sqrt((reach[reach > 0] ** 2).mean() / 36))
    # The box can only lengthen them, and the images are others of the same kind.
    assert 0.8 * np.mean(lengths) < found["linear_distortion"].estimate < 1.6 * np.mean(lengths)
    assert 0 <= found["deep_misleads_other"].estimate <= 1


def test_perceptron_learning_in_turn():
    rng = np.random.default_rng(4)
    patterns = rng.choice(np.array([-1, 1], dtype=np.int8), (15, 12))
    weights = np.zeros((12, 12), dtype=int)
    for _ in range(2):
        for pattern in patterns.astype(int):
            for i in range(12):
                if pattern[i] * (weights[i] @ pattern) <= 3:
                    change = pattern[i] * pattern
                    change[i] = 0
                    weights[i] += change
                    weights[:, i] += change
    assert (perceptron(patterns, margin=3, passes=2) == weights).all()


def test_label_bits_are_read_where_recall_leaves_them():
    found = images.label_bits(DIGITS, {"margins": [0, 50], "images": 60})
    assert found["margin"] in (0, 50)
    patterns, asked = (np.where(grey > 127, 1, -1) for grey in (DIGITS.train, DIGITS.test))
    bits = 2 * np.eye(3, dtype=int)[DIGITS.train_labels] - 1
    weights = perceptron(np.concatenate([bits, patterns], axis=1), margin=found["margin"], passes=1)
    wrong = 0
    for state, label in zip(np.concatenate([-np.ones((90, 3), int), asked], axis=1), DIGITS.test_labels, strict=True):
        for _ in range(100):
            before = state.copy()
            for i in range(39):
                state[i] = np.sign(weights[i] @ state) or state[i]
            if (before == state).all():
                break
        # The nearest of the three codes, the first of equals.
        wrong += ((2 * np.eye(3) - 1) @ state[:3]).argmax() != label
    assert found["error"].estimate == wrong / 90


def test_every_work_has_its_keys_and_its_function():
    assert set(measure_published_images.WORKS) == set(PUBLISHED_IMAGES)
    assert 0 <= images.hidden_units(DIGITS, {"epochs": 1, "draws": 2})["hidden_300"].estimate <= 1
