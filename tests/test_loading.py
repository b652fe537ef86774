"""Any model as a classifier: PyTorch modules, objects with ``predict``, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import weightspace
from weightspace.data.hypercube import random_patterns
from weightspace.loading import as_classifier

SIZE = 16


@pytest.fixture
def patterns():
    return random_patterns(30, SIZE, generator=np.random.default_rng(0))


def first_pixel(patterns):
    return (patterns[:, 0] > 0).astype(int)


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.Linear(SIZE, 6), nn.ReLU(), nn.Linear(6, 3)),
        nn.Sequential(nn.Conv2d(1, 2, 2), nn.Flatten(), nn.Linear(18, 3)),
        nn.Sequential(nn.Flatten(), nn.Linear(SIZE, 3)).double(),
    ],
    ids=["rows", "images", "double precision"],
)
def test_a_module_answers_by_its_largest_logit_whatever_it_takes(module, patterns):
    classifier, images = as_classifier(module), torch.as_tensor(patterns).to(next(module.parameters()).dtype)
    taken = images if isinstance(module[0], nn.Linear) else images.reshape(-1, 1, 4, 4)
    assert (classifier.predict(patterns) == module(taken).argmax(1).numpy()).all()
    assert classifier.scores(patterns).shape == (30, 3)
    assert not module.training


def test_a_module_is_attacked_by_its_own_gradients(patterns):
    module = nn.Sequential(nn.Conv2d(1, 2, 2), nn.Tanh(), nn.Flatten(), nn.Linear(18, 3))
    labels = as_classifier(module).predict(patterns)
    found = weightspace.attack(module, patterns, labels, budgets=[SIZE])
    told = found.flips > 0
    assert told.sum() > 10
    assert (as_classifier(module).predict(np.where(found.mask, -patterns, patterns))[told] != labels[told]).all()


def test_an_object_that_only_answers_is_attacked_by_its_labels(patterns):
    model = SimpleNamespace(predict=first_pixel)
    found = weightspace.attack(model, patterns, first_pixel(patterns), method="label_search")
    assert (found.flips == 1).all()
    assert found.mask[:, 0].all()
    with pytest.raises(TypeError, match="has no gradients and no stand-in"):
        weightspace.attack(model, patterns, first_pixel(patterns))
    with pytest.raises(TypeError, match="has no scores"):
        weightspace.attack(model, patterns, first_pixel(patterns), method="score_search")


def test_scores_of_an_object_are_used(patterns):
    model = SimpleNamespace(predict=first_pixel, scores=lambda rows: np.stack([-rows[:, 0], rows[:, 0]], axis=1))
    found = weightspace.attack(model, patterns, first_pixel(patterns), method="score_search", queries=50, budgets=[4])
    assert (found.flips == 1).all()


def test_the_patterns_of_an_object_are_counted():
    images = np.array([[1] * 6, [-1] * 6])
    counts = weightspace.count_partition(SimpleNamespace(predict=first_pixel), images, np.array([1, 0]), radii=[1])
    assert counts[["P_t", "P_g", "P_a", "P_r"]].to_numpy().tolist() == [[2, 10, 2, 50]]


def test_a_classifier_of_the_project_is_taken_as_it_is(patterns):
    memory = weightspace.train_memory(patterns[:2])
    assert as_classifier(memory) is memory


@pytest.mark.parametrize("thing", ["path.safetensors", None, SimpleNamespace(predict=3), nn.Linear])
def test_what_is_no_classifier_is_refused(thing):
    with pytest.raises(TypeError, match="is no classifier: needed is a PyTorch module, or an object with predict"):
        as_classifier(thing)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (lambda patterns: [0, 1], r"gives shape \(2,\) for 30 patterns"),
        (lambda patterns: np.full(len(patterns), 0.5), "allowed: integers from 0, or -1"),
        (lambda patterns: np.full(len(patterns), "seven"), "allowed: integers from 0, or -1"),
        (lambda patterns: np.full(len(patterns), -2), "allowed: integers from 0, or -1"),
    ],
)
def test_answers_that_are_no_labels_are_refused(answers, message, patterns):
    with pytest.raises(ValueError, match=message):
        as_classifier(SimpleNamespace(predict=answers)).predict(patterns)


def test_a_module_that_gives_no_logits_is_refused(patterns):
    with pytest.raises(ValueError, match=r"a Linear gives no logits \(B, C\) for images of shape \(16,\), \(1, 4, 4\)"):
        as_classifier(nn.Linear(9, 2)).predict(patterns)
