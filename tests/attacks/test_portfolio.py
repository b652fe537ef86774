"""The search for the fewest flips, the same for every model."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from reference_attack import fewest_flips
from small_models import SIZE, dense, linear, memory, rng

from weightspace.attacks.flips import NOT_FOUND, flip
from weightspace.attacks.portfolio import Attacked, search
from weightspace.attacks.surrogates import as_attacked, class_gradient
from weightspace.data.hypercube import all_patterns, random_patterns
from weightspace.draws import attacked_images, checked_bits, generator, stored_images
from weightspace.memories import dense_training, learning_rules
from weightspace.networks import architectures, training

SWEEP = {"steps": [0, 1, 3], "steepness": [2, 8]}
BUDGETS = [1, 2, 4, 8, 16, 32, 64]
LONG = os.environ.get("WEIGHTSPACE_LONG")


def searched(model, images, labels, pool=None, **changed):
    settings = {"queries": [50, 100, 400], "largest": images.shape[1], "candidates": 4, "generator": rng(5)} | changed
    pool = random_patterns(50, images.shape[1], generator=rng(9)) if pool is None else pool
    return search(model, images, labels, pool, **settings)


def small(kind):
    """A model of 16 bits as the search sees it, with images, some of which it misclassifies."""
    images = random_patterns(12, 16, generator=rng(2))
    if kind == "network":
        module, predict, *_ = linear(3, 16)
        scores = lambda patterns: np.stack([-patterns @ module.weights.numpy(), patterns @ module.weights.numpy()], 1)  # noqa: E731
        model = Attacked(predict, scores, [class_gradient(module)], 2)
    else:
        made = dense(size=16) if kind == "dense" else memory(size=16)
        model = as_attacked(made, SWEEP, 3 if kind == "dense" else 2)
    labels = model.predict(images)
    labels[:2] = 1 - np.minimum(labels[:2], 1)
    return model, images, labels


KINDS = ["network", "memory", "dense"]


def fewest(predict, images, labels):
    """The smallest numbers of flips, from the answers to all 2^16 patterns."""
    every = all_patterns(16)
    distances = (16 - images.astype(np.float32) @ every.T.astype(np.float32)) / 2
    return np.where(predict(every) != labels[:, None], distances, np.inf).min(axis=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", ["nothing", "scores", "gradients", "all but labels"])
def test_successes_are_those_of_the_model_and_never_fewer_than_the_least(kind, hidden):
    model, images, labels = small(kind)
    if hidden in ("scores", "all but labels"):
        model = replace(model, scores=None)
    if hidden in ("gradients", "all but labels"):
        model = replace(model, gradients=[])
    found = searched(model, images, labels)
    least = fewest(model.predict, images, labels)
    assert (found.flips[:, :2] == 0).all()
    assert (found.spent <= 400).all()
    told = found.flips[-1] != NOT_FOUND
    assert told.sum() >= 9
    assert (found.flips[-1, told] >= least[told]).all()
    assert (found.flips[-1, told] == least[told]).mean() > 0.6
    assert (found.mask.sum(axis=1) == np.maximum(found.flips[-1], 0)).all()
    assert (model.predict(flip(images, found.mask))[told] != labels[told]).all()


def test_few_linear_flips_are_found_exactly():
    module, predict, images, labels, needed = linear(7)
    scores = lambda patterns: np.stack([-patterns @ module.weights.numpy(), patterns @ module.weights.numpy()], 1)  # noqa: E731
    found = searched(Attacked(predict, scores, [class_gradient(module)], 2), images, labels)
    assert (found.flips[-1] == needed).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_noted_does_not_depend_on_what_follows_nor_on_the_other_images(kind):
    model, images, labels = small(kind)
    long = searched(model, images, labels, queries=[60, 130, 400])
    for place, most in enumerate([60, 130]):
        assert (searched(model, images, labels, queries=[most]).flips[0] == long.flips[place]).all()
    assert (searched(model, images[:5], labels[:5], queries=[60, 130, 400]).flips == long.flips[:, :5]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_more_queries_never_find_more_flips(kind):
    flips = searched(*small(kind), queries=[10, 20, 40, 80, 160]).flips.astype(float)
    assert (np.diff(np.where(flips == NOT_FOUND, np.inf, flips), axis=0)[np.isfinite(flips[:-1])] <= 0).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [2, 3, 7, 60, 400])
def test_no_model_is_asked_more_than_is_counted_and_allowed(kind, most):
    model, images, labels = small(kind)
    asked = [0]
    pool = random_patterns(50, 16, generator=rng(9))

    def counted(ask, weight=1):
        def asking(patterns, *others):
            if len(patterns) != len(pool):  # the pool is asked for once for all images
                asked[0] += weight * len(patterns)
            return ask(patterns, *others)

        return asking

    watched = Attacked(
        counted(model.predict), counted(model.scores), [counted(one, 2) for one in model.gradients], model.classes
    )
    found = searched(watched, images, labels, pool, queries=[most])
    assert (found.spent <= most).all()
    assert asked[0] <= found.spent.sum()


def test_answers_that_are_none_mislead():
    images, labels = random_patterns(6, 16, generator=rng(1)), np.zeros(6, dtype=np.int64)
    images[:, 3] = 1
    silent = Attacked(lambda patterns: np.where(patterns[:, 3] > 0, 0, -1), None, [], 2)
    found = searched(silent, images, labels)
    assert (found.flips[-1] == 1).all()
    assert found.mask[:, 3].all()


def test_a_model_of_one_answer_is_never_misled():
    images = random_patterns(4, 16, generator=rng(1))
    alike = Attacked(lambda patterns: np.zeros(len(patterns), dtype=np.int64), None, [], 2)
    found = searched(alike, images, np.zeros(4, dtype=np.int64))
    assert (found.flips == NOT_FOUND).all()
    assert not found.mask.any()


def test_no_images_are_no_error():
    found = searched(as_attacked(memory(), SWEEP, 2), np.empty((0, SIZE), dtype=np.int8), np.empty(0, dtype=np.int64))
    assert found.flips.shape == (3, 0)


def test_no_more_than_the_largest_number_of_flips_is_told():
    _, predict, images, labels, needed = linear(7)
    found = searched(Attacked(predict, None, [], 2), images, labels, largest=2)
    assert found.flips.max() <= 2
    assert (found.flips[-1, needed > 2] == NOT_FOUND).all()


@pytest.mark.parametrize("queries", [[], [1], [20, 10], [10, 10]])
def test_numbers_of_queries_that_do_not_ascend_are_refused(queries):
    with pytest.raises((ValueError, IndexError)):
        searched(*small("memory"), queries=queries)


# The bar: an attack that is no part of the library, with as many queries as it likes, finds at most one point more.

MLP = {"architecture": "mlp", "input": "binary", "activation": "tanh", "loss": "rms", "optimiser": "sgd"}
MLP |= {"learning_rate": 0.1, "batch_size": 50, "labels": "given", "epochs": 5 if LONG else 1}
DENSE = {"rule": "trained_dense", "memories": 128 if LONG else 32, "exponent": 3, "temperature": 4, "deviation": 0.05}
DENSE |= {"epochs": 3 if LONG else 1, "batch_size": 100, "learning_rate": 0.004}
RULES = {
    "iterative": {"rule": "iterative", "patterns": 40, "margin": 0, "flip_share": 1, "passes": 1000},
    "exponential": {"rule": "dense", "patterns": 40, "energy": "exponential"},
}
NETWORKS = {"tanh": MLP | {"hidden": [128 if LONG else 32]}, "deep": MLP | {"hidden": [128, 64]}}


def made(kind, data, seed):
    count = None if LONG else 20_000
    patterns, labels = data.train()[:count], data.train_labels[:count]
    if kind == "trained_dense":
        return dense_training.train(patterns, labels, DENSE, generator=generator(seed, "test"))[0]
    if kind in NETWORKS:
        sets = [
            (torch.as_tensor(images, dtype=torch.float32), torch.as_tensor(right.astype(np.int64)))
            for images, right in ((patterns, labels), (data.test()[:100], data.test_labels[:100]))
        ]
        module = architectures.build(NETWORKS[kind], shape=data.shape, classes=10, seed=seed)
        training.train(module, *sets, NETWORKS[kind], seed=seed)
        return architectures.Network(module, {"definition": NETWORKS[kind]})
    index = stored_images(data.train_labels, seed)[:40]
    stored = data.train(index), data.train_labels[index], index
    return learning_rules.train(*stored, RULES[kind], generator=checked_bits(seed)).memory


def compared(kind, data, seed, images, *, most, classes):
    """Smallest numbers of flips by the search and by the other attack, most + 1 where none."""
    model = made(kind, data, seed)
    index = attacked_images(len(data.test_labels), seed)
    index = index[model.predict(data.test(index)) == data.test_labels[index]][:images]
    clean, labels = data.test(index), data.test_labels[index]
    pool = data.train(stored_images(data.train_labels, seed)[:2000])
    found = searched(as_attacked(model, SWEEP, 10), clean, labels, pool, queries=[1000, 2000], largest=64, candidates=8)
    ours = np.where((found.flips[-1] < 0) | (found.flips[-1] > most), most + 1, found.flips[-1])
    pairs = zip(clean, labels, strict=True)
    return ours, np.array([fewest_flips(model.scores, *one, most=most, classes=classes) for one in pairs])


def excess(ours, theirs, most):
    """By how much the other attack's error exceeds the search's at the budget where it does most."""
    return max((theirs <= budget).mean() - (ours <= budget).mean() for budget in range(1, most + 1))


@pytest.mark.parametrize("kind", ["tanh", "iterative", "exponential", "trained_dense"])
def test_an_exact_greedy_attack_finds_no_more(kind, mnist_patterns):
    most = 8 if kind in RULES else 16
    ours, theirs = compared(kind, mnist_patterns, 0, 10, most=most, classes=2)
    assert excess(ours, theirs, most) <= 0.01, (ours, theirs)


@pytest.mark.skipif(not LONG, reason="takes an hour; WEIGHTSPACE_LONG=1 runs it")
@pytest.mark.parametrize("kind", ["tanh", "deep", "trained_dense", "iterative", "exponential"])
def test_an_exact_greedy_attack_finds_at_most_a_point_more_on_many_images(kind, mnist_patterns):
    most, seeds = 8 if kind in RULES else 16, range(5)
    both = [compared(kind, mnist_patterns, seed, 50, most=most, classes=4) for seed in seeds]
    ours, theirs = (np.concatenate(found) for found in zip(*both, strict=True))
    assert excess(ours, theirs, most) <= 0.01
