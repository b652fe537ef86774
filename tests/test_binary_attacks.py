"""Attacks on binary patterns against models whose smallest numbers of flips are known, and files that are not believed."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from weightspace import flips
from weightspace.binary_targets import first_layer_neighbours, target
from weightspace.composed_models import MemoryNetwork, feature_head
from weightspace.dense import DenseMemory
from weightspace.dense_energy import Interaction
from weightspace.files import FileError
from weightspace.flip_files import FlippedPatterns, collect, pack_patterns
from weightspace.flip_scores import FlipScores, score
from weightspace.flip_tables import Outcomes, tabulate_differences, tabulate_flips, tabulate_minimal_flips, tabulate_transfer
from weightspace.label_search import label_search
from weightspace.memory_rules import train
from weightspace.nearest_neighbour import NearestNeighbour
from weightspace.networks import Network, build
from weightspace.patterns import Patterns
from weightspace.probing import random_patterns
from weightspace.surrogates import ClassOverlaps, margin_gradient, unrolled

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
    """A linear model, its images with right labels, and the smallest number of flips that misleads it, by its definition."""
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
    return train(random_patterns(count, size, generator=rng(seed)), np.arange(count) % 2, np.arange(count), definition, generator=rng()).memory


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


# --- attacks against models of known margin -----------------------------------------------------------------------------------------------------


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
    found = greedy(ClassOverlaps(patterns, [0, 1]), model.predict, images, labels)
    apart = np.where(labels == 0, 1, -1) * (images.astype(int) @ (patterns[0].astype(int) - patterns[1]))
    # Each flip of a bit in which the patterns differ takes 4; a tie goes to the lower index.
    assert (found.flips == np.where(labels == 0, apart // 4 + 1, -(-apart // 4))).all()


def test_single_flips_are_exhaustive():
    model = memory(rule="hebbian")
    images = random_patterns(60, SIZE, generator=rng(1))
    labels = model.predict(images)
    found = flips.single_flips(model.predict, flips.neighbours_by_prediction(model.predict), images, labels)
    assert (found.flips == by_brute_force(model.predict, images, labels, 1)).all()
    assert 0 < (found.flips == 1).sum() < 60


def test_flips_of_the_first_layer_are_those_of_the_whole_network():
    network = Network(build(MLP, inputs=SIZE, classes=4, seed=0))
    images = random_patterns(50, SIZE, generator=rng(1))
    assert (first_layer_neighbours(network.module)(images) == flips.neighbours_by_prediction(network.predict)(images)).all()


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
    return nn.Sequential(unrolled(model, **setting), ClassOverlaps(model.patterns, model.labels))


def test_every_success_is_one_of_the_model_itself_and_has_no_needless_flip():
    model = memory()
    images = random_patterns(50, SIZE, generator=rng(2))
    labels = model.predict(images)
    scores = target(model).scores
    for found in (
        greedy(smooth_recall(model, steps=1, steepness=4), model.predict, images, labels),
        flips.score_search(model.predict, scores, images, labels, budgets=[4, 8], queries=50, generator=rng()),
        label_search(model.predict, images, labels, random_patterns(50, SIZE, generator=rng(4)), starts=2, walk=20, generator=rng()),
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
    searched = label_search(predict, images, labels, random_patterns(30, SIZE, generator=rng(1)), starts=2, walk=20, generator=rng())
    assert (masked.flips == flips.NOT_FOUND).all()
    assert (searched.flips > 0).all()


def test_nothing_is_found_where_a_model_gives_one_answer_only():
    images = random_patterns(5, SIZE, generator=rng())
    labels = np.zeros(5, dtype=np.int64)
    found = label_search(lambda patterns: np.zeros(len(patterns), dtype=np.int64), images, labels, images, starts=1, walk=1, generator=rng())
    assert (found.flips == flips.NOT_FOUND).all()
    assert not found.mask.any()


def test_random_flips_are_as_many_as_the_budget_and_nested():
    images = random_patterns(300, SIZE, generator=rng())
    masks = flips.random_flips(images, [1, 5, 20], generator=rng(1))
    assert (masks.sum(axis=2) == np.array([1, 5, 20])[:, None]).all()
    assert (masks[1:] >= masks[:-1]).all()
    assert masks[1].mean(axis=0) == pytest.approx(np.full(SIZE, 0.25), abs=0.1)


# --- stand-ins and composed models --------------------------------------------------------------------------------------------------------------


def test_a_steep_stand_in_is_one_synchronous_step_of_the_memory():
    model = memory(rule="hebbian")
    states = random_patterns(60, SIZE, generator=rng(4))
    fields = states.astype(int) @ model.weights
    smooth = unrolled(model, steps=1, steepness=1e4)(torch.as_tensor(states, dtype=torch.float32)).numpy()
    clear = np.abs(fields) > 0
    assert (np.sign(smooth)[clear] == np.sign(fields)[clear]).all()


@pytest.mark.parametrize(("energy", "exponent"), [("polynomial", 3), ("exponential", None)])
def test_a_steep_stand_in_of_a_dense_memory_is_its_nearest_pattern(energy, exponent):
    model = dense(energy=energy, exponent=exponent)
    states = flips.flip(model.patterns, rng().random(model.patterns.shape) < 0.1)
    smooth = unrolled(model, steps=1, steepness=1e3)(torch.as_tensor(states, dtype=torch.float32)).numpy()
    assert smooth == pytest.approx(model.patterns, abs=1e-3)


def test_gradients_of_a_stand_in_are_its_slope():
    model = memory()
    module = smooth_recall(model, steps=2, steepness=1).double()
    images = torch.as_tensor(random_patterns(3, SIZE, generator=rng(1)), dtype=torch.float64).requires_grad_()
    for part in module.modules():
        for name, value in vars(part).items():
            if isinstance(value, torch.Tensor):
                setattr(part, name, value.double())
    assert torch.autograd.gradcheck(lambda inputs: module(inputs).sum(1), images)


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
    model = feature_head(network, head, stored, np.arange(6) % 3, definition, seed=0)
    hidden = torch.as_tensor(stored, dtype=torch.float32)
    for layer in network.module.layers[:-1]:
        hidden = torch.tanh(layer(hidden))
    assert (model.features(stored) == np.where(hidden.detach().numpy() < 0, -1, 1)).all()
    if head == "linear":
        assert (model.predict(stored) == network.module.layers[-1](torch.as_tensor(model.features(stored)).float()).argmax(1).numpy()).all()
    else:
        assert (model.predict(stored) == np.arange(6) % 3).all()
    assert target(model).surrogates({"steps": [1], "steepness": [2]})


# --- files, scores, tables ----------------------------------------------------------------------------------------------------------------------


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
    fixed = np.stack([pack_patterns(np.stack([data.test(row)] * 2)) for row in index], axis=1)
    width = fixed.shape[-1]
    nothing = np.empty((0, seeds, images), dtype=np.int16)
    return FlippedPatterns(index, np.empty(0, dtype="U1"), nothing, np.empty((0, seeds, images, width), np.uint8), np.array([1, 4]), fixed)


def test_a_file_of_flipped_patterns_comes_back(data, tmp_path):
    files = attacked(data, 0)
    files.write(tmp_path / "a.npz")
    read = FlippedPatterns.read(tmp_path / "a.npz", data)
    assert all((getattr(read, name) == getattr(files, name)).all() for name in FlippedPatterns.__dataclass_fields__)
    clean, labels, found, _ = read.of_seed(1, data)
    assert ((found[0] != clean).sum(axis=1) == 1).all()
    assert (labels == data.test_labels[10:20]).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda arrays: arrays["found"].__setitem__((0, 1, 2, 0), arrays["found"][0, 1, 2, 0] ^ 0b110), "flip changed test image 12 in 3 bits"),
        (lambda arrays: arrays["found"].__setitem__((0, 0, 0, 2), arrays["found"][0, 0, 0, 2] ^ 1), "flip changed test image 0 in 2 bits"),
        (lambda arrays: arrays["fixed"].__setitem__((0, 0, 3, 1), arrays["fixed"][0, 0, 3, 1] ^ 1), "more than its budget of 1"),
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


def scores_of(data):
    files = {"first": attacked(data, 0), "second": attacked(data, 1)}
    return [score({"first": first_bit, "second": second_bit}, files, random_of(data), seed=seed, data=data) for seed in range(2)]


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
        score({"first": first_bit}, {"first": attacked(data, 2)}, random_of(data), seed=0, data=data)


def test_tables_count_what_the_scores_hold(data):
    outcomes = Outcomes(scores_of(data))
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
