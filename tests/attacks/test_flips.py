"""Attacks on binary patterns against models whose smallest numbers of flips are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import SIZE, by_brute_force, greedy, linear, memory, rng, smooth_recall

from weightspace.attacks import flips
from weightspace.attacks.label_search import label_search
from weightspace.attacks.surrogates import to_tensors
from weightspace.data.hypercube import random_patterns
from weightspace.memories.nearest_neighbour import NearestNeighbour


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_gradient_flips_are_the_fewest_that_mislead_a_linear_model(seed):
    module, predict, images, labels, needed = linear(seed)
    found = greedy(module, predict, images, labels, budgets=[SIZE])
    assert (found.flips == needed).all()
    assert (found.mask.sum(axis=1) == needed).all()


@pytest.mark.parametrize("growth", [0, 0.5])
def test_flips_at_a_budget_are_within_it_nested_and_go_on_after_a_success(growth):
    module, predict, images, labels, needed = linear(1)
    budgets = [1, 3, 8]
    found = greedy(module, predict, images, labels, budgets=budgets, growth=growth)
    sizes = found.fixed.sum(axis=2)
    assert (sizes <= np.array(budgets)[:, None]).all()
    assert (found.fixed[1:] >= found.fixed[:-1]).all()
    assert (sizes[-1][needed == 1] > 1).any()
    wrong = [(predict(flips.flip(images, mask)) != labels).mean() for mask in found.fixed]
    assert wrong == sorted(wrong)
    assert wrong[-1] > wrong[0]


def test_gradient_flips_find_the_fewest_against_nearest_neighbours_of_two_patterns():
    patterns = random_patterns(2, SIZE, generator=rng(5))
    model = NearestNeighbour(patterns, np.arange(2), np.arange(2))
    images = flips.flip(patterns[rng(6).integers(0, 2, 30)], rng(7).random((30, SIZE)) < 0.15)
    labels = model.predict(images)
    found = greedy(model.differentiable(to_tensors()), model.predict, images, labels)
    apart = np.where(labels == 0, 1, -1) * (images.astype(int) @ (patterns[0].astype(int) - patterns[1]))
    # Each flip of a bit in which the patterns differ takes 4; a tie goes to the lower index.
    assert (found.flips == np.where(labels == 0, apart // 4 + 1, -(-apart // 4))).all()


def test_single_flips_are_exhaustive():
    model = memory(rule="hebbian")
    images = random_patterns(60, SIZE, generator=rng(1))
    labels = model.predict(images)
    found = flips.single_flips(model.predict, model.neighbours, images, labels)
    assert (found.flips == by_brute_force(model.predict, images, labels, 1)).all()
    assert 0 < (found.flips == 1).sum() < 60


@pytest.mark.parametrize("rule", ["hebbian", "iterative"])
def test_attacks_on_a_memory_come_near_the_fewest_flips_and_never_below(rule):
    model = memory(rule=rule, size=14)
    images = random_patterns(40, 14, generator=rng(2))
    labels = model.predict(images)
    exact = by_brute_force(model.predict, images, labels, 4)
    pool = random_patterns(200, 14, generator=rng(8))
    smooth = smooth_recall(model, steps=2, steepness=4)
    found = [
        greedy(smooth, model.predict, images, labels, budgets=[1, 2, 4], lookahead=5),
        label_search(model.predict, images, labels, pool, starts=3, walk=50, generator=rng()),
    ]
    best = flips.smallest([flips.Flipped(one.flips, one.mask) for one in found]).flips
    known = exact > 0
    assert known.sum() > 10
    assert ((best >= exact) | (best == flips.NOT_FOUND))[known].all()
    assert ((best > 4) | (best == flips.NOT_FOUND))[~known].all()
    assert (best == exact)[known].mean() > 0.8


def test_every_success_is_one_of_the_model_itself_and_has_no_needless_flip():
    model = memory()
    images = random_patterns(50, SIZE, generator=rng(2))
    labels = model.predict(images)
    for found in (
        greedy(smooth_recall(model, steps=1, steepness=4), model.predict, images, labels),
        flips.score_search(model.predict, model.scores, images, labels, budgets=[4, 8], queries=50, generator=rng()),
        label_search(
            model.predict,
            images,
            labels,
            random_patterns(50, SIZE, generator=rng(4)),
            starts=2,
            walk=20,
            generator=rng(),
        ),
    ):
        told = found.flips > 0
        assert told.sum() > 10
        assert (found.mask.sum(axis=1) == np.where(told, found.flips, 0)).all()
        assert (model.predict(flips.flip(images, found.mask))[told] != labels[told]).all()


def test_pruning_takes_back_what_is_not_needed():
    _, predict, images, labels, needed = linear(3)
    everything = np.ones(images.shape, dtype=bool)
    pruned = flips.prune(predict, images, labels, everything, generator=rng())
    assert (predict(flips.flip(images, pruned.mask)) != labels).all()
    assert (pruned.flips >= needed).all()
    for bit in range(SIZE):  # without any one of them the model would not err
        one_less = pruned.mask.copy()
        one_less[:, bit] = False
        rows = pruned.mask[:, bit]
        assert (predict(flips.flip(images, one_less)) == labels)[rows].all()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_places_are_drawn_among_those_allowed(count):
    source = np.random.default_rng(3)
    draws, allowed = source.random((20, 30)), source.random((20, 30)) < 0.5
    allowed[:, :5] = True
    places = flips.smallest_places(draws, allowed, count)
    assert (np.sort(places) == np.sort(np.where(allowed, draws, 2).argsort(axis=1)[:, :count])).all()


@pytest.mark.parametrize("count", [1, 5, 8, 9, 12])
def test_the_largest_gains_come_first(count):
    gain = np.random.default_rng(4).normal(size=(20, 12))
    expected = gain.argsort(axis=1)[:, ::-1][:, :count]
    assert (flips.largest_places(gain, count) == expected).all()


def test_random_flips_are_as_many_as_the_budget_and_nested():
    images = random_patterns(300, SIZE, generator=rng())
    masks = flips.random_flips(images, [1, 5, 20], generator=rng(1))
    assert (masks.sum(axis=2) == np.array([1, 5, 20])[:, None]).all()
    assert (masks[1:] >= masks[:-1]).all()
    assert masks[1].mean(axis=0) == pytest.approx(np.full(SIZE, 0.25), abs=0.1)
