"""The pattern space: exact counts against slow ones with itertools, estimates against the enumeration and closed forms."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weightspace import attractors, hypercube, memory_rules, network_counter, networks, pattern_tables
from weightspace.enumeration import Space, answers_to_all, count_models
from weightspace.labelled_images import collect, is_among
from weightspace.memory import Memory
from weightspace.pattern_parts import KINDS
from weightspace.probing import random_patterns
from weightspace.shrunken_digits import shrink_patterns
from weightspace.small_models import choose_distinct
from weightspace.state_graph import ends_of_all_states

RULES = {
    "hebbian": {"rule": "hebbian"},
    "iterative": {"rule": "iterative", "margin": 1, "flip_share": 1, "passes": 100},
    "pseudo_inverse": {"rule": "pseudo_inverse", "diagonal": False},
    "dense": {"rule": "dense", "energy": "polynomial", "exponent": 3},
}


def rng(seed):
    return np.random.default_rng(seed)


def labelled(size, count, *, classes=3, seed=0):
    """Random images with repeats of one another, some with another label."""
    patterns = random_patterns(count, size, generator=rng(seed))
    patterns[1::4] = patterns[::4][: len(patterns[1::4])]
    return collect(patterns, rng(seed + 1).integers(0, classes, count), np.arange(count) < count // 2)


def memory_of(images, rule, *, count=4, seed=0):
    trained = np.flatnonzero(images.trained)[:count]
    labels = images.counts[trained].argmax(axis=1)
    return memory_rules.train(images.patterns[trained], labels, trained, RULES[rule], generator=rng(seed)).memory


def network_of(size, *, hidden=(7,), activation="tanh", classes=3, seed=0):
    module = networks.build({"architecture": "mlp", "hidden": list(hidden), "activation": activation}, inputs=size, classes=classes, seed=seed)
    return networks.Network(module)


class Silent:
    """A classifier without any answer."""

    def predict(self, patterns):
        return np.full(len(patterns), -1)


def slow_counts(classifier, images, readout=None):
    """The parts by shell from the definitions alone, pattern after pattern."""
    counts = {}
    learnt = images.learnt_by(classifier)
    for state in itertools.product((-1, 1), repeat=images.size):
        pattern = np.array([state], dtype=np.int8)
        distances = [sum(a != b for a, b in zip(state, image.tolist(), strict=True)) for image in images.patterns]
        distance = min(distances)
        nearest = [place for place, other in enumerate(distances) if other == distance]
        labels = {label for place in nearest for label in range(16) if images.masks[place] >> label & 1}
        ask = (lambda x: classifier.predict(x)[0]) if readout is None else (lambda x: classifier.read(classifier.recall(x), readout)[0])
        answer, image_answer = ask(pattern), ask(images.patterns[nearest[:1]])
        if distance == 0 and learnt[nearest[0]]:
            kind = "P_t"
        elif answer == -1:
            kind = "P_none"
        elif answer in labels:
            kind = "P_g"
        else:
            kind = "P_adv" if images.masks[nearest[0]] >> max(image_answer, 0) & 1 and image_answer >= 0 else "P_err"
        key = (distance, kind, "several" if len(labels) > 1 else "one")
        counts[key] = counts.get(key, 0) + 1
    return counts


def as_counts(rows):
    return {(row.distance, row.kind, row.labels): row.hits for row in rows.itertuples() if row.hits}


# --- exact counts -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("readout", ["nearest", "exact"])
def test_the_parts_of_memories_are_those_of_a_slow_count(rule, readout):
    images = labelled(9, 14, seed=3)
    memory = memory_of(images, rule)
    answers, _ = answers_to_all(memory, 9)
    counted = Space(images, largest=9).count(answers[readout], images.learnt_by(memory))
    assert as_counts(counted) == slow_counts(memory, images, readout)


@pytest.mark.parametrize("classifier", [network_of(9), network_of(9, hidden=(5, 6), activation="relu"), Silent()], ids=["mlp", "deep", "silent"])
def test_the_parts_of_other_classifiers_are_those_of_a_slow_count(classifier):
    images = labelled(9, 20, seed=5)
    (answers,) = answers_to_all(classifier, 9)[0].values()
    counted = Space(images, largest=9).count(answers, images.learnt_by(classifier))
    assert as_counts(counted) == slow_counts(classifier, images)


def test_parts_sum_to_the_whole_space_for_all_models_at_every_radius():
    images = labelled(12, 60, seed=1)
    models = {rule: memory_of(images, rule) for rule in RULES} | {"tanh_mlp": network_of(12), "silent": Silent()}
    shells, basins, maps = count_models(Space(images, largest=12), models)
    table = pattern_tables.exact_partition(shells.assign(dataset="d", bits=12, seed=0), [0, 1, 2, 12])
    whole = table[table.part.isin(["P_t", "P_g", "P_a", "P_r"])]
    sums = whole["count"].astype(int).groupby([whole.model, whole.readout, whole.radius]).sum()
    assert len(sums) == 4 * (4 * 2 + 2)
    assert (sums == 2**12).all()
    parts = table.assign(count=table["count"].astype(int)).pivot_table(index=["model", "readout", "radius"], columns="part", values="count")
    assert (parts.P_adv + parts.P_err + parts.P_none == parts.P_a).all()
    assert (parts.P_r.xs(12, level="radius") == 0).all()
    assert (parts.P_t.drop("tanh_mlp", level="model").drop("silent", level="model") == 4).all()
    assert (basins.groupby("model").states.sum() == 2**12).all()
    assert set(maps) >= {"tanh_mlp/answer", "hebbian/nearest", "hebbian/ends"}
    kinds = np.bincount(maps["dense/exact"], minlength=len(KINDS))
    exact = shells[(shells.model == "dense") & (shells.readout == "exact")].groupby("kind").hits.sum()
    assert kinds.tolist() == exact[list(KINDS)].tolist()


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_nearest_images_are_those_of_all_distances(size, count, seed):
    count = min(count, 2**size)
    codes = rng(seed).choice(2**size, count, replace=False)
    masks = (1 << rng(seed + 1).integers(0, 16, count)).astype(np.uint16)
    distances, indices, labels = hypercube.nearest_images(codes, masks, size)
    each = np.bitwise_count(np.arange(2**size)[:, None] ^ codes[None])
    assert (distances == each.min(axis=1)).all()
    assert (indices == each.argmin(axis=1)).all()
    for row, found in zip(each, labels, strict=True):
        assert np.bitwise_or.reduce(masks[row == row.min()]) == found


@given(st.integers(2, 9), st.integers(0, 10**6), st.sampled_from(["sequential", "random", "synchronous"]))
@settings(max_examples=30, deadline=None)
def test_the_state_graph_is_recall(size, seed, order):
    weights = rng(seed).integers(-3, 4, (size, size))
    weights = (weights + weights.T).astype(np.int32)
    np.fill_diagonal(weights, 0)
    stored = random_patterns(2, size, generator=rng(seed))
    memory = Memory(weights, stored, np.arange(2), np.arange(2), {}, order=order, sweeps=64)
    ends, settled = ends_of_all_states(memory, size)
    recalled = memory.recall(attractors.all_states(size))
    assert (settled == recalled.settled).all()
    assert (ends == attractors.codes(recalled.states))[settled].all()


@pytest.mark.parametrize(("hidden", "activation"), [((8,), "tanh"), ((6, 5), "tanh"), ((9, 4, 4), "relu")])
def test_a_network_counted_from_tables_answers_as_it_predicts(hidden, activation):
    network = network_of(14, hidden=hidden, activation=activation, classes=5, seed=2)
    assert network_counter.has_table_form(network)
    labels = network_counter.labels_of_all(network, 14)
    logits = network.logits(hypercube.patterns_of(np.arange(2**14), 14))
    top = np.sort(logits, axis=1)
    sure = top[:, -1] - top[:, -2] > 1e-5
    assert sure.mean() > 0.999
    assert (labels == logits.argmax(axis=1))[sure].all()
    assert (network_counter.labels_by_blocks(network, 14) == network.predict(hypercube.patterns_of(np.arange(2**14), 14))).all()


def test_blocks_hold_every_pattern_once():
    found = np.concatenate([attractors.codes(patterns) for _, patterns in hypercube.blocks(18)])
    assert (found == np.arange(2**18)).all()


def test_images_that_coincide_with_different_labels_are_counted_and_kept():
    pattern = random_patterns(3, 6, generator=rng(0))
    images = collect(pattern[[0, 0, 0, 1, 2]], [2, 1, 2, 0, 0], [True, False, False, False, True])
    assert (len(images.masks), images.ambiguous) == (3, 1)
    assert images.label_ceiling == pytest.approx(4 / 5)
    place = images.find(pattern[:1])[0]
    assert images.masks[place] == 0b110
    assert images.trained[place]
    assert images.describe("d").iloc[0].to_dict()["patterns_of_several_labels"] == 1
    assert is_among([1, 2, 0, -1], images.masks[[place] * 4]).tolist() == [True, True, False, False]
    with pytest.raises(ValueError, match="of 20 patterns are none of the labelled images"):
        images.find(random_patterns(20, 6, generator=rng(7)))


def test_spaces_too_large_say_what_they_would_take():
    with pytest.raises(hypercube.TooLarge, match=r"26 pixels make 2\^26 patterns; allowed: at most 25.*1\.2 GiB.*pattern_space\.largest to 26"):
        Space(labelled(26, 4), largest=25)
    with pytest.raises(hypercube.TooLarge, match="more than 30 bits cannot be numbered"):
        Space(labelled(31, 4), largest=40)


def test_shrunken_patterns_are_thresholded_means_of_what_the_crop_leaves():
    grey = np.zeros((1, 6, 6), np.uint8)
    grey[0, 0] = 255  # cut off
    grey[0, 1:3, 1:3] = [[255, 0], [0, 0]]  # a quarter
    grey[0, 3:5, 3:5] = [[255, 0], [1, 0]]  # a little more
    assert shrink_patterns(grey, shape=(2, 2), crop=1, threshold=0.25).tolist() == [[-1, -1, -1, 1]]
    with pytest.raises(ValueError, match="a crop of 2 leaves 2 x 2 pixels; allowed: 3 x 2 or more"):
        shrink_patterns(grey, shape=(3, 2), crop=2, threshold=0.25)


def test_stored_patterns_differ_from_one_another_and_from_complements():
    class Digits:
        train = np.concatenate([random_patterns(3, 5, generator=rng(1))] * 4)
        train_labels = np.arange(12) % 2

    Digits.train[3:6] *= -1
    index = choose_distinct(Digits, 3, generator=rng(0))
    overlaps = Digits.train[index].astype(int) @ Digits.train[index].T
    assert (np.abs(overlaps) == 5).sum() == 3
    with pytest.raises(ValueError, match=r"pattern_space.stored is 4, but only 3 of 12 shrunken images differ"):
        choose_distinct(Digits, 4, generator=rng(0))
