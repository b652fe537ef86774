"""Attacks on binary patterns against models whose smallest numbers of flips are known, and files that are not
believed.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from docutils.core import publish_doctree
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from weightspace.attacks import binary_attacks, flips
from weightspace.attacks.composed_models import MemoryNetwork, feature_head, features
from weightspace.attacks.flip_files import FlippedPatterns, collect
from weightspace.attacks.label_search import label_search
from weightspace.attacks.surrogates import margin_gradient, to_tensors
from weightspace.classifier import Classifier
from weightspace.data.hypercube import random_patterns
from weightspace.data.patterns import Patterns
from weightspace.figures.minimal_flips import draw_minimal_flips
from weightspace.figures.purification import draw_purification
from weightspace.files import FileError
from weightspace.memories.dense import DenseMemory
from weightspace.memories.dense_energy import Interaction
from weightspace.memories.learning_rules import train
from weightspace.memories.nearest_neighbour import NearestNeighbour
from weightspace.networks.architectures import Network, build
from weightspace.report.about_bit_flips import paragraph
from weightspace.robustness.checks import COLUMNS, AttackCheckError, judge
from weightspace.robustness.flip_checks import check_outcomes, count_patterns
from weightspace.robustness.flip_proofs import Masked, prove
from weightspace.robustness.flip_scores import FlipScores, score_flips
from weightspace.robustness.flip_tables import (
    FlipOutcomes,
    tabulate_differences,
    tabulate_flips,
    tabulate_minimal_flips,
    tabulate_transfer,
)

SIZE = 20
MLP = {"architecture": "mlp", "hidden": [12, 9], "activation": "tanh"}


def rng(seed=0):
    return np.random.default_rng(seed)


class Linear(nn.Module):
    """Two classes by the sign of ``w·x``."""

    def __init__(self, weights):
        super().__init__()
        self.weights = torch.as_tensor(weights, dtype=torch.float32)

    def forward(self, inputs):
        field = inputs @ self.weights
        return torch.stack([-field, field], dim=1)


def linear(seed, size=SIZE):
    """A linear model, its images with right labels, and the smallest number of flips that misleads it, by its
    definition.
    """
    weights = rng(seed).normal(size=size)
    module, images = Linear(weights), random_patterns(40, size, generator=rng(seed + 1))
    field = images @ weights
    labels = (field > 0).astype(np.int64)
    agreeing = np.sort(np.where(images * weights * np.sign(field)[:, None] > 0, np.abs(weights), 0), axis=1)[:, ::-1]
    needed = (2 * agreeing.cumsum(axis=1) < np.abs(field)[:, None]).sum(axis=1) + 1
    return module, predictor(module), images, labels, needed


def predictor(module):
    return lambda patterns: module(torch.as_tensor(np.asarray(patterns), dtype=torch.float32)).argmax(1).numpy()


def greedy(module, predict, images, labels, **changed):
    chosen = {"budgets": [1, 2, 4, 8, 16], "growth": 0, "lookahead": 0, "generator": rng()} | changed
    return flips.greedy_flips(predict, margin_gradient(module), images, labels, **chosen)


def memory(count=4, size=SIZE, rule="iterative", seed=0):
    definition = {"rule": rule, "margin": 0, "flip_share": 1, "passes": 100}
    return train(
        random_patterns(count, size, generator=rng(seed)),
        np.arange(count) % 2,
        np.arange(count),
        definition,
        generator=rng(),
    ).memory


def dense(count=6, size=SIZE, energy="polynomial", exponent=3):
    patterns = random_patterns(count, size, generator=rng(3))
    return DenseMemory(patterns, np.arange(count) % 3, np.arange(count), Interaction(energy, exponent), {})


def by_brute_force(predict, images, labels, most):
    """Smallest number of flips up to ``most``, or -1, by asking for every subset."""
    from itertools import combinations

    found = np.where(predict(images) != labels, 0, flips.NOT_FOUND)
    for count in range(1, most + 1):
        for chosen in combinations(range(images.shape[1]), count):
            mask = np.zeros(images.shape, dtype=bool)
            mask[:, chosen] = True
            found[(found == flips.NOT_FOUND) & (predict(flips.flip(images, mask)) != labels)] = count
    return found


# --- attacks against models of known margin
# ---------------------------------------------------------------------------------------


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


def test_flips_of_the_first_layer_are_those_of_the_whole_network():
    network = Network(build(MLP, inputs=SIZE, classes=4, seed=0))
    images = random_patterns(50, SIZE, generator=rng(1))
    assert (network.neighbours(images) == Classifier.neighbours(network, images)).all()


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


def smooth_recall(model, **setting):
    (formula,) = model.stand_ins(to_tensors(), {name: [value] for name, value in setting.items()})
    return formula


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


def test_a_masked_gradient_finds_nothing_and_the_label_search_does():
    module, predict, images, labels, _ = linear(4)

    class Masked(nn.Module):
        def forward(self, inputs):
            return torch.sign(module(inputs)) + 0 * inputs.sum(1, keepdim=True)

    masked = greedy(Masked(), predict, images, labels)
    searched = label_search(
        predict, images, labels, random_patterns(30, SIZE, generator=rng(1)), starts=2, walk=20, generator=rng()
    )
    assert (masked.flips == flips.NOT_FOUND).all()
    assert (searched.flips > 0).all()


def test_nothing_is_found_where_a_model_gives_one_answer_only():
    images = random_patterns(5, SIZE, generator=rng())
    labels = np.zeros(5, dtype=np.int64)
    found = label_search(
        lambda patterns: np.zeros(len(patterns), dtype=np.int64),
        images,
        labels,
        images,
        starts=1,
        walk=1,
        generator=rng(),
    )
    assert (found.flips == flips.NOT_FOUND).all()
    assert not found.mask.any()


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
    assert (flips._largest(gain, count) == expected).all()


def test_random_flips_are_as_many_as_the_budget_and_nested():
    images = random_patterns(300, SIZE, generator=rng())
    masks = flips.random_flips(images, [1, 5, 20], generator=rng(1))
    assert (masks.sum(axis=2) == np.array([1, 5, 20])[:, None]).all()
    assert (masks[1:] >= masks[:-1]).all()
    assert masks[1].mean(axis=0) == pytest.approx(np.full(SIZE, 0.25), abs=0.1)


# --- stand-ins and composed models
# ---------------------------------------------------------------------------------------


def test_a_steep_stand_in_is_one_synchronous_step_of_the_memory():
    model = memory(rule="hebbian")
    states = random_patterns(60, SIZE, generator=rng(4))
    fields = states.astype(int) @ model.weights
    smooth = model.smooth_recall(to_tensors(), steepness=1e4)(torch.as_tensor(states, dtype=torch.float32)).numpy()
    clear = np.abs(fields) > 0
    assert (np.sign(smooth)[clear] == np.sign(fields)[clear]).all()


@pytest.mark.parametrize(("energy", "exponent"), [("polynomial", 3), ("exponential", None)])
def test_a_steep_stand_in_of_a_dense_memory_is_its_nearest_pattern(energy, exponent):
    model = dense(energy=energy, exponent=exponent)
    states = flips.flip(model.patterns, rng().random(model.patterns.shape) < 0.1)
    smooth = model.smooth_recall(to_tensors(), steepness=1e3)(torch.as_tensor(states, dtype=torch.float32)).numpy()
    assert smooth == pytest.approx(model.patterns, abs=1e-3)


def test_gradients_of_a_stand_in_are_its_slope():
    model = memory()
    (formula,) = model.stand_ins(
        lambda array: torch.as_tensor(array, dtype=torch.float64), {"steps": [2], "steepness": [1]}
    )
    images = torch.as_tensor(random_patterns(3, SIZE, generator=rng(1)), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda inputs: formula(inputs).sum(1), images)


def test_a_stand_in_without_steps_is_the_read_out_once():
    model = memory()
    stand_ins = model.stand_ins(to_tensors(), {"steps": [0, 1], "steepness": [2, 8]})
    assert len(stand_ins) == 3
    states = random_patterns(30, SIZE, generator=rng(1))
    read = NearestNeighbour(model.patterns, model.labels, model.index).predict(states)
    scores = stand_ins[0](torch.as_tensor(states, dtype=torch.float32))
    assert (scores.max(1).values == scores.gather(1, torch.as_tensor(read)[:, None])[:, 0]).all()


def test_recall_then_classify_is_what_it_says():
    recalling, network = memory(), Network(build(MLP, inputs=SIZE, classes=3, seed=1))
    both = MemoryNetwork(recalling, network)
    states = random_patterns(30, SIZE, generator=rng(1))
    assert (both.predict(states) == network.predict(recalling.recall(states).states)).all()
    assert (both.scores(states).argmax(axis=1) == both.predict(states)).all()


@pytest.mark.parametrize("head", ["linear", "nearest", "recall"])
def test_all_heads_see_the_same_features(head):
    network = Network(build(MLP | {"hidden": [12, 40]}, inputs=SIZE, classes=3, seed=1))
    stored = random_patterns(6, SIZE, generator=rng(1))
    definition = {"rule": "dense", "energy": "exponential", "exponent": None}
    model = feature_head(network.perceptron, head, stored, np.arange(6) % 3, definition, seed=0)
    hidden = torch.as_tensor(stored, dtype=torch.float32)
    for layer in network.module.layers[:-1]:
        hidden = torch.tanh(layer(hidden))
    assert (features(network.perceptron, stored) == np.where(hidden.detach().numpy() < 0, -1, 1)).all()
    if head == "linear":
        assert (
            model.predict(stored)
            == network.module.layers[-1](torch.as_tensor(features(network.perceptron, stored)).float())
            .argmax(1)
            .numpy()
        ).all()
    else:
        assert (model.predict(stored) == np.arange(6) % 3).all()
    has_gradients = model.differentiable(to_tensors()) is not None
    assert has_gradients == (head != "recall")
    assert len(model.stand_ins(to_tensors(), {"steps": [1], "steepness": [2]})) == (head == "recall")


# --- files, scores, tables
# ---------------------------------------------------------------------------------------


@pytest.fixture
def data():
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


def test_a_file_of_flipped_patterns_comes_back(data, tmp_path):
    files = attacked(data, 0)
    files.write(tmp_path / "a.npz")
    read = FlippedPatterns.read(tmp_path / "a.npz", data)
    assert all((getattr(read, name) == getattr(files, name)).all() for name in FlippedPatterns.__dataclass_fields__)
    clean, labels, found, _ = read.of_seed(1, data)
    assert ((found[0] != clean).sum(axis=1) == 1).all()
    assert (labels == data.test_labels[10:20]).all()


def test_a_seed_of_which_nothing_is_right_keeps_its_clean_patterns(data):
    # Once its patterns were whatever the memory held before.
    index = np.arange(20).reshape(2, 10)
    clean = [data.test(row) for row in index]
    means = binary_attacks.Means(Network(Linear(np.eye(SIZE)[0])), [1, 4], data.train(), rng())
    definition = {"method": "gradient_flips", "growth": 0, "lookahead": 0, "surrogates": None}
    wrong, right = (
        binary_attacks.attack(means, definition, patterns, labels)
        for patterns, labels in zip(clean, (1 - data.test_labels[:10], data.test_labels[10:20]), strict=True)
    )
    files = collect(index, ["flip"], [[wrong], [right]], clean, [1, 4])
    assert (files.flips[0] == [[0] * 10, [1] * 10]).all()
    assert (files.fixed[:, 0] == data.packed_test[:10]).all()
    assert (files.fixed[:, 1] != data.packed_test[10:20]).any(axis=2).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda arrays: arrays["found"].__setitem__((0, 1, 2, 0), arrays["found"][0, 1, 2, 0] ^ 0b110),
            "flip changed test image 12 in 3 bits",
        ),
        (
            lambda arrays: arrays["found"].__setitem__((0, 0, 0, 2), arrays["found"][0, 0, 0, 2] ^ 1),
            "flip changed test image 0 in 2 bits",
        ),
        (
            lambda arrays: arrays["fixed"].__setitem__((0, 0, 3, 1), arrays["fixed"][0, 0, 3, 1] ^ 1),
            "more than its budget of 1",
        ),
        (lambda arrays: arrays.update(found=arrays["found"].astype(np.float32)), "expected shape"),
        (lambda arrays: arrays.update(flips=arrays["flips"][:, :, :5]), "expected shape"),
        (lambda arrays: arrays["index"].__setitem__((0, 0), 4000), "no position among 40 test images"),
    ],
)
def test_a_file_is_not_believed(data, tmp_path, change, sentence):
    arrays = {name: array.copy() for name, array in vars(attacked(data, 0)).items()}
    change(arrays)
    FlippedPatterns(**arrays).write(tmp_path / "bad.npz")
    with pytest.raises(FileError, match=sentence):
        FlippedPatterns.read(tmp_path / "bad.npz", data)


def test_patterns_that_were_checked_are_counted(data):
    assert count_patterns([attacked(data, 0), random_of(data)]) == 20 + 40 + 40


def scores_of(data):
    files = {"first": attacked(data, 0), "second": attacked(data, 1)}
    return [
        score_flips({"first": first_bit, "second": second_bit}, files, random_of(data), seed=seed, data=data)
        for seed in range(2)
    ]


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
        score_flips({"first": first_bit}, {"first": attacked(data, 2)}, random_of(data), seed=0, data=data)


def test_tables_count_what_the_scores_hold(data):
    outcomes = FlipOutcomes(scores_of(data))
    table = tabulate_flips(outcomes, {"flip": "labels"}).set_index(["model", "attack", "budget", "images"])
    assert table.loc[("first", "best", 0, "all")].estimate == 0
    assert table.loc[("first", "best", 1, "all")].estimate == 1
    second = np.mean([(data.test(np.arange(a, a + 10))[:, 1] > 0) != data.test_labels[a : a + 10] for a in (0, 10)])
    assert table.loc[("second", "random", 4, "all")].estimate == pytest.approx(second)
    assert table.loc[("second", "flip", 1, "right_clean")].estimate == 1
    minimal = tabulate_minimal_flips(outcomes)
    assert (minimal.estimate == 1).all()
    assert (minimal.found == 1).all()
    transfer = tabulate_transfer(outcomes).set_index(["source", "model", "budget", "images", "quantity"])
    assert transfer.loc[("second", "first", 1, "all", "error")].estimate == 0
    assert transfer.loc[("first", "first", 1, "all", "above_random")].estimate == 1
    differences = tabulate_differences(outcomes, [("memory_or_network", "second", "first")], "first")
    rows = differences.set_index(["attack", "budget", "images"])
    assert rows.loc[("best", 0, "all")].estimate == pytest.approx(second)
    assert rows.loc[("best", 1, "right_under_both")].estimate == 0
    assert rows.loc[("transfer", 1, "right_under_both")].estimate == -1


# --- checks of the attacks
# ---------------------------------------------------------------------------------------

KNOWLEDGE = {"a": "gradients", "b": "scores", "c": "labels"}
BUDGETS = [1, 4, 16]


def outcomes_of(flips_of, transferred, wrong=None, seeds=2, images=100):
    """FlipOutcomes of the model "victim" under three attacks that find the same, and of "other", with patterns of itself,
    of the other and random.

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


def verdicts(outcomes, knowledge=KNOWLEDGE):
    """The gravest verdict of each check on the victim, and all rows."""
    table = pd.DataFrame(check_outcomes(outcomes, knowledge, checked=7), columns=COLUMNS)
    mine = table[~table.subject.str.startswith("other")]
    grave = {
        name: min(group, key=("failed", "warning", "passed").index) for name, group in mine.groupby("check").verdict
    }
    return grave, table


def test_sound_attacks_pass_all_checks():
    found, table = verdicts(outcomes_of(*sound()))
    assert set(found.values()) == {"passed"}
    assert len(found) == 8
    assert table.n[0] == 7
    judge(table)


def weak_whitebox(flips_of, transferred):
    flips_of[:60] = 5  # at 4 flips only 40 of each hundred by itself, 90 by transfer
    transferred["other"][1] = np.arange(100) < 90


def clamped_budget(flips_of, transferred):
    flips_of[:30] = flips.NOT_FOUND


def weaker_than_noise(flips_of, transferred):
    flips_of[:] = 30
    transferred["random"][2] = 1
    transferred["victim"][:] = 0
    transferred["other"][:] = 0


def less_with_more(flips_of, transferred):
    transferred["victim"][2, :70] = 0


@pytest.mark.parametrize(
    ("fault", "check", "sentence"),
    [
        (
            weak_whitebox,
            "direct flips at least as strong as transferred ones",
            "the best attack on it misleads 0.400, that on other 0.900",
        ),
        (
            clamped_budget,
            "flips without a bound mislead always",
            "the share of images misled by any number of flips is 0.7",
        ),
        (
            weaker_than_noise,
            "flips at least as strong as random ones",
            "victim, 16 flips: of 200 images, the best attack misleads 0.000",
        ),
        (
            less_with_more,
            "success grows with the number of flips",
            "victim, 16 flips: of 200 images, 16 flips by gradients misleads 0.300, 4 1.000",
        ),
    ],
)
def test_a_planted_fault_is_caught_by_its_check(fault, check, sentence):
    flips_of, transferred = sound()
    fault(flips_of, transferred)
    found, table = verdicts(outcomes_of(flips_of, transferred))
    assert {name for name, verdict in found.items() if verdict == "failed"} == {check}
    with pytest.raises(AttackCheckError, match=sentence):
        judge(table)


def test_an_inequality_reversed_by_chance_is_a_warning():
    flips_of, transferred = sound()
    flips_of[:4] = 5
    transferred["victim"][1, :] = 1
    transferred["other"][1] = np.arange(100) >= 1  # at 4 flips 99 against 96 of each seed's hundred
    found, table = verdicts(outcomes_of(flips_of, transferred))
    assert found["direct flips at least as strong as transferred ones"] == "warning"
    judge(table)


def test_a_missing_kind_of_attack_fails():
    found, table = verdicts(outcomes_of(*sound()), {"a": "gradients", "b": "gradients", "c": "labels"})
    assert found["flips by scores"] == "failed"
    with pytest.raises(AttackCheckError, match=r"attacked in bits by 0 attack\(s\) that see its scores"):
        judge(table)


def test_a_model_that_gives_one_answer_cannot_be_misled_and_is_told_apart():
    _, transferred = sound()
    wrong = (np.arange(100) < 88).astype(np.int8)
    transferred = {source: np.broadcast_to(wrong, (3, 100)) for source in transferred}
    found, table = verdicts(outcomes_of(np.where(wrong, 0, flips.NOT_FOUND), transferred, wrong))
    assert found["flips without a bound mislead always"] == "warning"
    judge(table)


@pytest.fixture(scope="module")
def proofs(mnist_patterns):
    network = Network(
        build({"architecture": "mlp", "hidden": [16], "activation": "tanh"}, inputs=784, classes=10, seed=0)
    )
    with torch.no_grad():  # scores as far apart as those of a trained one
        network.module.layers[-1].weight *= 1000
    # Not trained: its own answers are the labels, so that all images are right.
    answers = network.predict(mnist_patterns.test())
    data = Patterns(
        mnist_patterns.packed_train,
        mnist_patterns.packed_test,
        mnist_patterns.train_labels,
        answers,
        mnist_patterns.shape,
    )
    common = {"domain": "binary", "norm": "l0", "images": 30}
    attacks = {
        "gradient_flips": common
        | {"method": "gradient_flips", "knowledge": "gradients", "growth": 0.125, "lookahead": 0, "surrogates": None},
        "label_search": common | {"method": "label_search", "knowledge": "labels", "pool": 60, "starts": 1, "walk": 10},
    }

    def run(**changed):
        attacks_now = {name: definition | changed.get(name, {}) for name, definition in attacks.items()}
        rows = prove(
            network,
            attacks_now,
            data,
            np.arange(30),
            budgets=[1, 8, 64],
            pool=data.train(slice(0, 60)),
            generator=rng(),
        )
        return pd.DataFrame(rows, columns=COLUMNS)

    return run


def test_proofs_pass_and_say_that_gradients_alone_are_blind(proofs):
    table = proofs().set_index("check")
    assert set(table.verdict) == {"passed"}
    assert table.loc["flips of a model of known margin"].value.to_list()[0] == 1
    assert table.loc["an attack by gradients alone is blind"].value == 0


def test_attacks_that_stop_short_fail_the_proof_on_a_linear_model(proofs, monkeypatch):
    right = flips.greedy_flips

    def clamped(*arguments, budgets, **settings):
        return right(*arguments, budgets=[min(budget, 2) for budget in budgets], **settings)

    monkeypatch.setattr(flips, "greedy_flips", clamped)
    with pytest.raises(AttackCheckError, match="gradient_flips: on a linear model, whose fewest flips are known"):
        judge(proofs())


def test_masked_gradients_fail_where_no_attack_sees_through(proofs, monkeypatch):
    search = binary_attacks.METHODS["label_search"]

    def blind_to_masks(means, definition, images, labels):
        if isinstance(means.model.module, Masked):
            return flips.Flipped(
                np.full(len(images), flips.NOT_FOUND, dtype=np.int16), np.zeros(images.shape, dtype=bool)
            )
        return search(means, definition, images, labels)

    monkeypatch.setitem(binary_attacks.METHODS, "label_search", blind_to_masks)
    with pytest.raises(
        AttackCheckError,
        match=r"a network whose gradients are hidden, 1\.00 of them 0, is misled in 0\.000 of the images",
    ):
        judge(proofs())


# --- what people see
# ---------------------------------------------------------------------------------------


def shown_tables():
    outcomes = outcomes_of(*sound())
    pairs = [("recall_then_classify", "other", "victim")]
    tables = tabulate_flips(outcomes, KNOWLEDGE), tabulate_minimal_flips(outcomes), tabulate_transfer(outcomes)
    return *tables, tabulate_differences(outcomes, pairs, "victim")


def test_figures_draw_the_tables():
    table, minimal, _, differences = shown_tables()
    figure = draw_minimal_flips(table, minimal, network="victim", families={"victim": "network"})
    drawn = [axes for axes in figure.axes if axes.lines]
    assert [axes.get_title() for axes in drawn] == ["victim", "other"]
    best = drawn[0].lines[-1]
    assert list(best.get_xdata()) == [0, *BUDGETS]
    assert list(best.get_ydata()) == [0, 0, 1, 1]
    above, below = draw_purification(differences, families={}).axes
    assert list(above.lines[0].get_ydata()) == [0, 0, 1, 1]
    assert list(below.lines[-1].get_ydata()) == [0, 0, 0, 0]


def test_a_figure_without_its_rows_is_refused():
    with pytest.raises(ValueError, match="no rows of the comparisons recall_then_classify, same_features"):
        draw_purification(shown_tables()[3].assign(comparison="control"), families={})


def test_the_paragraph_holds_the_tables_numbers():
    table, _, transfer, _ = shown_tables()
    text = paragraph(table, transfer, network="victim", networks=["victim"], memories=["other"], controls=[], budget=4)
    assert (
        "Patterns made to mislead victim with at most 4 flipped bits do so for 1.000 [0.982, 1.000] of the images"
        in text
    )
    assert "they mislead memories for 1.000 of the images that both get right." in text
    assert "memories are misled by 4 flips for 1.000 of the images that they get right, networks for 1.000" in text
    rows = publish_doctree(text).findall(lambda node: node.tagname == "row")
    assert [len(row.children) for row in rows] == [6, 6, 6]


def test_the_paragraph_leaves_out_memories_that_give_one_answer():
    table, _, transfer, _ = shown_tables()
    alike = table[table.model == "other"].assign(model="hebbian_40", estimate=0.88)
    text = paragraph(
        pd.concat([table, alike]),
        transfer,
        network="victim",
        networks=["victim"],
        memories=["other", "hebbian_40"],
        controls=[],
        budget=4,
    )
    assert "memories are misled by 4 flips for 1.000 of" in text
    assert "Left out here, but not below: hebbian 40, which give nearly all images one answer" in text
    assert "* - hebbian 40" in text


def test_tables_of_a_run_that_compares_and_transfers_nothing():
    outcomes = outcomes_of(sound()[0], {})
    outcomes._transferred[:, :, :2] = -1
    transfer, differences = tabulate_transfer(outcomes), tabulate_differences(outcomes, [], "victim")
    assert transfer.empty
    assert differences[differences.comparison == "recall_then_classify"].empty
    table = tabulate_flips(outcomes, KNOWLEDGE)
    text = paragraph(table, transfer, network="victim", networks=["victim"], memories=["other"], controls=[], budget=4)
    assert text.splitlines()[3].startswith("**Adaptive.**")
