"""Groups of patterns are what they are called, balanced and equal; flips follow the gradient."""

import numpy as np
import pytest
from made_weights import rng

from weightspace.data.hypercube import random_patterns
from weightspace.data.nearest_images import ImageSearch
from weightspace.networks.gradient_steps import classification_task, train
from weightspace.networks.weight_layers import logits, random_layers
from weightspace.weight_space.pattern_groups import (
    APART,
    GROUPS,
    Pool,
    balanced_groups,
    change_labels,
    disjoint_draws,
    flip_towards,
    make_pools,
)

CLASSES = 10


@pytest.mark.parametrize("hidden", [(7,), (6, 5)])
def test_flips_follow_the_gradient_of_the_lead(hidden):
    layers = random_layers((20, *hidden, CLASSES), generator=rng(0))
    patterns, wanted = random_patterns(15, 20, generator=rng(1)), rng(2).integers(0, CLASSES, 15)
    once = flip_towards(layers, patterns, wanted, 1)
    for before, after, goal in zip(patterns.astype(float), once, wanted, strict=True):
        outputs = logits(layers, before[None])[0]
        if outputs.argmax() == goal:
            assert (before == after).all()
            continue
        rival = np.delete(np.arange(CLASSES), goal)[np.delete(outputs, goal).argmax()]

        def lead(at, goal=goal, rival=rival):
            found = logits(layers, at[None])[0]
            return found[goal] - found[rival]

        step = 1e-5
        slopes = np.array(
            [(lead(before + step * unit) - lead(before - step * unit)) / (2 * step) for unit in np.eye(20)]
        )
        assert np.flatnonzero(before != after).tolist() == [(-2 * before * slopes).argmax()]


@pytest.fixture(scope="module")
def base(mnist_patterns):
    layers = random_layers((784, 12, CLASSES), generator=rng(0))
    task = classification_task(mnist_patterns, 2000)
    train(layers, *task, steps=300, batch_size=50, learning_rate=0.1, generator=rng(1))
    return layers


@pytest.fixture(scope="module")
def pools(base, mnist_patterns):
    return make_pools(
        base, mnist_patterns, ImageSearch(mnist_patterns.packed_train), radius=12, candidates=400, generator=rng(3)
    )


def test_pools_are_what_they_are_called(pools, base, mnist_patterns):
    images = mnist_patterns.train().astype(np.float32)
    for kind, pool in pools.items():
        sample = slice(0, 40)
        overlap = pool.patterns[sample].astype(np.float32) @ images.T
        distance = ((784 - overlap.max(axis=1)) / 2).astype(int)
        model = logits(base, pool.patterns[sample].astype(float)).argmax(axis=1)
        assert (model == pool.model[sample]).all()
        assert (mnist_patterns.train_labels[overlap.argmax(axis=1)] == pool.nearest[sample]).all()
        right = model == pool.nearest[sample]
        if kind == "training":
            assert (distance == 0).all()
        elif kind == "irrelevant":
            assert (distance > 12).all()
        else:
            assert ((distance > 0) & (distance <= 12)).all()
            assert right.all() if kind == "generalised" else not right.any()


def test_groups_are_balanced_and_equal(pools):
    groups = balanced_groups(pools, patterns=40, classes=CLASSES, generator=rng(0))
    assert {key[0] for key in groups} == set(GROUPS)
    sizes = {len(labels) for _, labels in groups.values()}
    assert len(sizes) == 1
    for patterns, labels in groups.values():
        assert len(np.unique(np.bincount(labels, minlength=CLASSES))) == 1
        assert len(patterns) == len(labels)


def test_disjoint_draws_share_no_pattern_and_are_balanced(pools):
    draws = disjoint_draws(pools, patterns=40, classes=CLASSES, generator=rng(0))
    assert {group for group, _ in draws} == set(APART)
    assert len({len(labels) for _, labels in draws.values()}) == 1
    for group in APART:
        first, second = ({row.tobytes() for row in draws[group, draw][0]} for draw in (0, 1))
        assert not first & second
        if group != "changed_labels":
            assert len(np.unique(np.bincount(draws[group, 0][1], minlength=CLASSES))) == 1
    for draw in (0, 1):
        (images, labels), (same, changed) = draws["training", draw], draws["changed_labels", draw]
        assert (images == same).all()
        assert (labels != changed).all()  # every adversarial pattern has another label than its nearest image


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 0), (0.5, 20), (1.0, 40)])
def test_so_many_labels_are_changed_and_each_to_another(rate, expected):
    labels = np.arange(40) % CLASSES
    changed = change_labels(labels, rate, classes=CLASSES, generator=rng(1))
    assert (changed != labels).sum() == expected
    assert set(changed) <= set(range(CLASSES))


def test_a_class_that_the_network_hardly_ever_answers_is_left_out(caplog):
    labels, drawn = np.repeat([0, 1, 2], 20), np.random.default_rng(0)
    pools = {}
    for kind in ("training", "generalised", "adversarial", "irrelevant"):
        answers = np.where((labels == 2) & (kind == "generalised"), 0, labels)
        pools[kind] = Pool(np.sign(drawn.normal(size=(60, 30))).astype(np.int8), answers, answers)
    groups = balanced_groups(pools, patterns=30, classes=3, generator=drawn)
    assert {tuple(np.bincount(found, minlength=3)) for _, found in groups.values()} == {(14, 14, 0)}
    draws = disjoint_draws(pools, patterns=30, classes=3, generator=drawn)
    assert {tuple(np.unique(found)) for group, (_, found) in draws.items() if group[0] != "changed_labels"} == {(0, 1)}
    assert "classes left out, of which some group has too few patterns: 2" in caplog.text
    pools["irrelevant"] = Pool(pools["irrelevant"].patterns, 0 * labels, 0 * labels)
    with pytest.raises(ValueError, match="1 of 3 classes have two patterns of each group"):
        balanced_groups(pools, patterns=30, classes=3, generator=drawn)
