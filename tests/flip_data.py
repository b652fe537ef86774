"""Made-up outcomes of attacks by flips: files, scores and tables that several tests read."""

from types import SimpleNamespace

import numpy as np
from small_models import SIZE, rng

from weightspace.attacks import flips
from weightspace.attacks.flip_files import FlippedPatterns, collect
from weightspace.data.hypercube import random_patterns
from weightspace.data.patterns import Patterns
from weightspace.robustness.flip_scores import FlipScores, score_flips
from weightspace.robustness.flip_tables import (
    FlipOutcomes,
    tabulate_differences,
    tabulate_flips,
    tabulate_minimal_flips,
    tabulate_transfer,
)


def binary_images():
    """Forty "images" of 20 bits, whose label is their first bit."""
    test = random_patterns(40, SIZE, generator=rng(0))
    labels = (test[:, 0] > 0).astype(np.int64)
    bits = np.packbits(test > 0, axis=1)
    return Patterns(bits, bits, labels, labels, (4, 5))


def first_bit():
    return SimpleNamespace(predict=lambda patterns: (patterns[:, 0] > 0).astype(np.int64))


def second_bit():
    return SimpleNamespace(predict=lambda patterns: (patterns[:, 1] > 0).astype(np.int64))


def attacked(data, bit, seeds=2, images=10):
    """Flips of one bit in every image; found where the model of this bit was right."""
    index = np.stack([np.arange(images) + 10 * seed for seed in range(seeds)])
    clean, results = [data.test(row) for row in index], []
    for row, patterns in zip(index, clean, strict=True):
        mask = np.zeros(patterns.shape, dtype=bool)
        right = (patterns[:, bit] > 0) == data.test_labels[row]
        mask[right, bit] = True
        results.append([flips.Flipped(right.astype(np.int16), mask, np.stack([mask, mask]))])
    return collect(index, ["flip"], results, clean, [1, 4])


def random_of(data, seeds=2, images=10):
    index = np.stack([np.arange(images) + 10 * seed for seed in range(seeds)])
    fixed = np.stack([data.packed_test[index]] * 2)
    width = fixed.shape[-1]
    nothing = np.empty((0, seeds, images), dtype=np.int16)
    return FlippedPatterns(
        index, np.empty(0, dtype="U1"), nothing, np.empty((0, seeds, images, width), np.uint8), np.array([1, 4]), fixed
    )


def scores_of(data):
    files = {"first": attacked(data, 0), "second": attacked(data, 1)}
    return [
        score_flips({"first": first_bit, "second": second_bit}, files, random_of(data), {}, seed=seed, data=data)
        for seed in range(2)
    ]


KNOWLEDGE = {"a": "gradients", "b": "scores", "c": "labels"}


BUDGETS = [1, 4, 16]


def outcomes_of(flips_of, transferred, wrong=None, seeds=2, images=100):
    """FlipOutcomes of the model "victim" under three attacks that find the same, and of "other", with patterns of
    itself, of the other and random.

    Args: flips_of (M,) of the victim; transferred {source: (K, M) misclassified by the victim}.
    """
    names, sources = ["victim", "other"], ["victim", "other", "random"]
    wrong = np.zeros(images, dtype=np.int8) if wrong is None else wrong
    found = np.stack(
        [np.broadcast_to(flips_of, (3, images)), np.broadcast_to(np.where(wrong, 0, 3), (3, images))]
    ).astype(np.int16)
    passed = np.zeros((2, 3, len(BUDGETS), images), dtype=np.int8)
    for source, answers in transferred.items():
        passed[0, sources.index(source)] = answers
    passed[1, 1] = passed[1, 0] = np.array([0, 1, 1])[:, None]
    one = FlipScores(
        np.array(names),
        np.array(list(KNOWLEDGE)),
        np.array(sources),
        np.array(BUDGETS),
        np.stack([wrong] * 2),
        found,
        passed,
    )
    return FlipOutcomes([one] * seeds)


def sound(images=100):
    """What a sound attack finds: three flips for each image, half of them by transfer, a tenth at random."""
    place = np.arange(images)
    flips_of = np.full(images, 3)
    own = np.stack([np.zeros(images), np.ones(images), np.ones(images)])
    return flips_of, {"victim": own, "other": own * (place < images // 2), "random": own * (place < images // 10)}


def shown_tables():
    outcomes = outcomes_of(*sound())
    pairs = [("recall_then_classify", "other", "victim")]
    tables = tabulate_flips(outcomes, KNOWLEDGE), tabulate_minimal_flips(outcomes), tabulate_transfer(outcomes)
    return *tables, tabulate_differences(outcomes, pairs, "victim")
