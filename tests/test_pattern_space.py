"""The pattern space: exact counts against slow ones with itertools, estimates against the enumeration and closed
forms.
"""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from weightspace.classifier import Classifier
from weightspace.data import hypercube
from weightspace.data.hypercube import random_patterns
from weightspace.data.labelled_images import collect, is_among
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import pack, unpack
from weightspace.data.shrunken_digits import shrink_patterns
from weightspace.figures.coverage import draw_coverage
from weightspace.figures.pattern_examples import draw_pattern_examples
from weightspace.figures.pattern_partition import draw_pattern_partition
from weightspace.figures.pattern_space_map import draw_pattern_space_map, on_plane
from weightspace.memories import learning_rules
from weightspace.memories.memory import Memory
from weightspace.networks import architectures
from weightspace.pattern_space import KINDS, NOTHING, SHOWN, certification, coverage, network_answers, tables
from weightspace.pattern_space.enumeration import Space, answers_to_all, count_models
from weightspace.pattern_space.examples import choose, far_patterns
from weightspace.pattern_space.network_answers import FlippedNetwork
from weightspace.pattern_space.rare_patterns import Shell
from weightspace.pattern_space.shells import SharedFlips, sample_shells
from weightspace.pattern_space.small_models import choose_distinct
from weightspace.pattern_space.whole_images import estimate_kinds, measure, unseen
from weightspace.report.about_pattern_space import paragraph
from weightspace.retrieval.attractors import ends_of_all_states

RULES = {
    "hebbian": {"rule": "hebbian"},
    "iterative": {"rule": "iterative", "margin": 1, "flip_share": 1, "passes": 100},
    "pseudo_inverse": {"rule": "pseudo_inverse", "diagonal": False},
    "dense": {"rule": "dense", "energy": "polynomial", "exponent": 3},
}


FAMILIES = {"tanh_mlp": "network", "iterative_margin_1": "iterative"}


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
    return learning_rules.train(images.patterns[trained], labels, trained, RULES[rule], generator=rng(seed)).memory


def network_of(size, *, hidden=(7,), activation="tanh", classes=3, seed=0):
    module = architectures.build(
        {"architecture": "mlp", "hidden": list(hidden), "activation": activation},
        inputs=size,
        classes=classes,
        seed=seed,
    )
    return architectures.Network(module)


class Silent(Classifier):
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
        ask = (
            (lambda x: classifier.predict(x)[0])
            if readout is None
            else (lambda x: classifier.read(classifier.recall(x), readout)[0])
        )
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


# --- exact counts
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("readout", ["nearest", "exact"])
def test_the_parts_of_memories_are_those_of_a_slow_count(rule, readout):
    images = labelled(9, 14, seed=3)
    memory = memory_of(images, rule)
    answers, _ = answers_to_all(memory, 9)
    counted = Space(images, largest=9).count(answers[readout], images.learnt_by(memory))
    assert as_counts(counted) == slow_counts(memory, images, readout)


@pytest.mark.parametrize(
    "classifier",
    [network_of(9), network_of(9, hidden=(5, 6), activation="relu"), Silent()],
    ids=["mlp", "deep", "silent"],
)
def test_the_parts_of_other_classifiers_are_those_of_a_slow_count(classifier):
    images = labelled(9, 20, seed=5)
    (answers,) = answers_to_all(classifier, 9)[0].values()
    counted = Space(images, largest=9).count(answers, images.learnt_by(classifier))
    assert as_counts(counted) == slow_counts(classifier, images)


def test_parts_sum_to_the_whole_space_for_all_models_at_every_radius():
    images = labelled(12, 60, seed=1)
    models = {rule: memory_of(images, rule) for rule in RULES} | {"tanh_mlp": network_of(12), "silent": Silent()}
    shells, basins, maps = count_models(Space(images, largest=12), models)
    table = tables.exact_partition(shells.assign(dataset="d", bits=12, seed=0), [0, 1, 2, 12])
    whole = table[table.part.isin(["P_t", "P_g", "P_a", "P_r"])]
    sums = whole["count"].astype(int).groupby([whole.model, whole.readout, whole.radius]).sum()
    assert len(sums) == 4 * (4 * 2 + 2)
    assert (sums == 2**12).all()
    parts = table.assign(count=table["count"].astype(int)).pivot_table(
        index=["model", "readout", "radius"], columns="part", values="count"
    )
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
    distances, indices, labels = hypercube.nearest_to_all(codes, masks, size)
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
    ends, settled = ends_of_all_states(memory)
    recalled = memory.recall(hypercube.all_patterns(size))
    assert (settled == recalled.settled).all()
    assert (ends == hypercube.codes_of(recalled.states))[settled].all()


def test_a_network_asked_on_another_device_stays_where_it_is():
    network = network_of(6, hidden=(4,), activation="tanh", classes=2, seed=0)
    FlippedNetwork(network.perceptron, device="meta")  # a device without memory, which every machine has
    assert network.logits(np.ones((1, 6))).shape == (1, 2)


@pytest.mark.parametrize(("hidden", "activation"), [((8,), "tanh"), ((6, 5), "tanh"), ((9, 4, 4), "relu")])
def test_a_network_counted_from_tables_answers_as_it_predicts(hidden, activation):
    network = network_of(14, hidden=hidden, activation=activation, classes=5, seed=2)
    labels = network_answers.labels_of_all(network.perceptron, 14)
    logits = network.logits(hypercube.patterns_of(np.arange(2**14), 14))
    top = np.sort(logits, axis=1)
    sure = top[:, -1] - top[:, -2] > 1e-5
    assert sure.mean() > 0.999
    assert (labels == logits.argmax(axis=1))[sure].all()
    assert (
        network_answers.labels_by_blocks(network, 14) == network.predict(hypercube.patterns_of(np.arange(2**14), 14))
    ).all()


def test_blocks_hold_every_pattern_once():
    found = np.concatenate([hypercube.codes_of(patterns) for _, patterns in hypercube.blocks(18)])
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
    with pytest.raises(
        hypercube.TooLarge,
        match=r"26 pixels make 2\^26 patterns; allowed: at most 25.*1\.2 GiB.*pattern_space\.largest to 26",
    ):
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
    patterns, labels = np.concatenate([random_patterns(3, 5, generator=rng(1))] * 4), np.arange(12) % 2
    patterns[3:6] *= -1
    index = choose_distinct(patterns, labels, 3, seed=0)
    overlaps = patterns[index].astype(int) @ patterns[index].T
    assert (np.abs(overlaps) == 5).sum() == 3
    with pytest.raises(ValueError, match=r"pattern_space.stored is 4, but only 3 of 12 shrunken images differ"):
        choose_distinct(patterns, labels, 4, seed=0)


# --- whole images: estimates
# ---------------------------------------------------------------------------------------


def sampled(images, distances, draws, seed=0):
    return sample_shells(images, distances, draws, generator=rng(seed))


def test_each_pattern_of_a_shell_is_accepted_from_one_image_only():
    images = labelled(7, 12, seed=2)
    distances, indices, masks = hypercube.nearest_to_all(hypercube.codes_of(images.patterns), images.masks, 7)
    search = ImageSearch(images.packed)
    for distance in (1, 2, 3):
        accepted = []
        for image, pattern in enumerate(images.patterns):
            around = np.array([x for x in hypercube.patterns_of(np.arange(128), 7) if (x != pattern).sum() == distance])
            owned, found = search.owners(pack(around > 0), np.full(len(around), image), distance, images.masks)
            codes = hypercube.codes_of(around[owned])
            accepted += codes.tolist()
            assert (indices[codes] == image).all()
            assert (found[owned] == masks[codes]).all()
        assert sorted(accepted) == np.flatnonzero(distances == distance).tolist()


@given(st.integers(1, 3), st.integers(60, 200), st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_pairs_and_distances_of_a_search_are_those_of_all_comparisons(limit, size, seed):
    patterns = random_patterns(30, size, generator=rng(seed))
    patterns[10:20] = patterns[:10]
    patterns[np.arange(10, 20), rng(seed).integers(0, size, 10)] *= -1
    images = collect(patterns, np.zeros(30, int), np.ones(30, bool))
    apart = (images.patterns[:, None] != images.patterns[None]).sum(axis=2)
    search = ImageSearch(images.packed)
    assert {tuple(pair) for pair in search.pairs(limit).tolist()} == set(
        zip(*np.nonzero(np.triu(apart <= limit, 1)), strict=True)
    )
    probes = random_patterns(5, size, generator=rng(seed + 1))
    assert (
        search.nearest(pack(probes > 0))[0].tolist()
        == (probes[:, None] != images.patterns[None]).sum(axis=2).min(axis=1).tolist()
    )


def test_shells_and_parts_are_estimated_as_they_are_counted():
    """Few repeats here; 100 are in the table `coverage`, by the same function."""
    images = labelled(10, 16, seed=4)
    models = {"mlp": network_of(10, seed=3), "iterative": memory_of(images, "iterative")}
    rows = coverage.cover_counts(Space(images, largest=10), models, draws=300, radii=[1, 3], repeats=25)
    table = coverage.summarise(rows)
    assert set(table.quantity) >= {"R within 1 bits", "P_g within 3 bits", "P_none within 3 bits"}
    assert (table.covered >= 20).all()
    assert table.estimate.mean() > 0.93
    assert (table.median_width < 3 * table.needed_width).all()


def test_exact_shells_give_the_exact_partition():
    images = labelled(10, 16, seed=4)
    network = network_of(10, seed=3)
    space = Space(images, largest=10)
    counted = space.count(answers_to_all(network, 10)[0]["answer"], images.learnt_by(network))
    head = {"dataset": "d", "bits": 10, "model": "m", "readout": "answer", "seed": 0}
    exact = tables.exact_partition(counted.assign(**head), [0, 1])
    flips = SharedFlips.of(images)
    shells, answers = estimate_kinds(network, images, sampled(images, [2], 10))
    first, safe = certification.try_single_flips(FlippedNetwork(network.perceptron), images, answers["answer"], flips)
    shells = pd.concat([shells[shells.distance == 0], first.assign(readout="answer")])
    found = tables.estimated_partition(shells.assign(**head, images=len(images.masks)), [0, 1])
    keys = ["radius", "part"]
    assert found.set_index(keys)["count"].to_dict() == exact.set_index(keys)["count"].to_dict()
    assert (found.guarantee == "exact").all()
    right = images.bears(answers["answer"])
    for image, pattern in enumerate(images.patterns):
        each = network.predict(np.where(np.eye(10, dtype=bool), -pattern, pattern))
        assert safe[image] == (right[image] and is_among(each, images.masks[[image] * 10]).all())


def test_what_cannot_be_is_not_given_an_upper_limit():
    images = labelled(12, 8, seed=1)
    network = network_of(12)
    head = {"dataset": "d", "bits": 12, "model": "m", "seed": 0, "images": len(images.masks)}
    shells, _ = estimate_kinds(network, images, sampled(images, [1, 2], 20))
    table = tables.estimated_partition(shells.assign(**head), [2]).set_index("part")
    assert table.loc["P_none", ["count", "guarantee"]].tolist() == ["0", "exact"]
    assert table.loc["P_t", "count"] == str(int(images.trained.sum()))
    assert table.loc["R", "guarantee"] == "clopper-pearson"
    silent, _ = estimate_kinds(Silent(), images, sampled(images, [1, 2], 20))
    table = tables.estimated_partition(silent.assign(**head), [2]).set_index("part")
    assert np.isinf(table.loc["P_g", "log10_count"])
    assert table.loc["P_none", "log10_count"] > 1
    assert np.isfinite(table.loc["P_adv", "high"])


def test_a_radius_beyond_the_pixels_is_refused():
    with pytest.raises(ValueError, match="a radius is 13; allowed: at most the 12 pixels"):
        sampled(labelled(12, 8), [13], 5)


# --- rare shares
# ---------------------------------------------------------------------------------------

SPLITTING = {"particles": 60, "steps": 12, "runs": 6}


@pytest.mark.parametrize(
    ("size", "agreeing", "distance", "least"), [(60, 36, 8, 8), (200, 100, 60, 50), (784, 430, 48, 44)]
)
def test_splitting_finds_a_hypergeometric_tail(size, agreeing, distance, least):
    rows = coverage.cover_hypergeometric(
        size=size, agreeing=agreeing, distance=distance, least=least, **SPLITTING, repeats=2
    )
    assert (rows.truth < -1.9).all()
    assert np.abs(rows.estimate - rows.truth).max() < 0.06 * abs(rows.truth.iloc[0]) + 0.3
    assert (rows.low < rows.high).all()


def test_an_image_of_every_label_is_passed_over_where_a_rare_event_is_sought():
    images, network = labelled(10, 16, seed=4), network_of(10, seed=3)
    right = np.flatnonzero(images.bears(network.predict(images.patterns)))
    masks = images.masks.copy()
    masks[right[0]] = 0b111
    blurred = dataclasses.replace(images, masks=masks)
    centre, _, _, share = coverage._rare_event(Space(blurred, largest=10), network, distance=4, rank=5)
    assert images.find(centre) == right[1]
    assert share == 5 / 210
    everything = dataclasses.replace(images, masks=np.full_like(masks, 0b111))
    with pytest.raises(ValueError, match="around no image does the network tell 5 patterns"):
        coverage._rare_event(Space(everything, largest=10), network, distance=4, rank=5)


def test_particles_stay_on_their_shells():
    centres = random_patterns(3, 20, generator=rng(0))
    shell, drawn = Shell(centres, 6, lambda _, patterns: patterns[:, 0] + 0.0), rng(1)
    state = shell.draw(50, drawn)
    for _ in range(30):
        flipped = state["patterns"] != centres[state["which"]]
        assert (flipped.sum(axis=1) == 6).all()
        assert (np.sort(state["order"], axis=1) == np.arange(20)).all()
        assert np.take_along_axis(flipped, state["order"].astype(int), axis=1)[:, :6].all()
        state |= shell.propose(state, 0, 1.0, drawn)
    with pytest.raises(ValueError, match="the distance must lie between 1 and 19, found 20"):
        Shell(centres, 20, lambda _, patterns: patterns[:, 0] + 0.0)


def test_an_event_that_is_nowhere_is_given_up():
    shell = Shell(-np.ones((1, 12), np.int8), 4, lambda _, patterns: patterns[:, :5].sum(axis=1) - 4.0)
    found = shell.share(**SPLITTING, generator=rng(0))
    assert (found.reached, found.log, found.low) == (0, -np.inf, -np.inf)
    assert found.high < -2


def test_common_events_are_shares():
    shell = Shell(-np.ones((1, 30), np.int8), 10, lambda _, patterns: patterns[:, 0] + 0.0)
    found = shell.share(particles=400, steps=5, runs=8, generator=rng(0))
    assert found.low < np.log(1 / 3) < found.high


# --- certified images
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hidden", "activation"), [((6,), "tanh"), ((6,), "relu"), ((5, 4), "tanh")])
def test_certified_distances_are_sound_and_exact_up_to_two(hidden, activation):
    network = network_of(10, hidden=hidden, activation=activation, seed=5)
    if len(hidden) > 1:  # intervals through several layers are wide
        with torch.no_grad():
            network.module.layers[0].weight *= 0.1
    patterns = random_patterns(25, 10, generator=rng(3))
    labels = network.predict(patterns)
    every = hypercube.patterns_of(np.arange(1024), 10)
    other = network.predict(every)
    safe = [
        (every[other != label] != pattern).sum(axis=1).min(initial=11) - 1
        for pattern, label in zip(patterns, labels, strict=True)
    ]
    flipped = FlippedNetwork(network.perceptron)
    found = certification.safe_distances_of_network(flipped, patterns, labels, 6)
    assert (np.minimum(found, 2) == np.minimum(safe, 2)).all()
    assert (found <= safe).all()
    bounds = [flipped.safe_flips(pattern, int(label), 6) for pattern, label in zip(patterns, labels, strict=True)]
    assert (np.array(bounds) <= safe).all()
    assert max(bounds) >= 1
    pairs = np.triu_indices(10, 1)
    twice = np.repeat(patterns[:1], len(pairs[0]), axis=0)
    for pair in pairs:
        twice[np.arange(len(twice)), pair] *= -1
    assert (flipped.double(patterns[0]) == network.predict(twice)).all()


def test_memories_are_certified_by_all_single_flips():
    images = labelled(9, 14, seed=3)
    memory = memory_of(images, "iterative")
    labels = memory.predict(images.patterns)
    safe = certification.safe_from_single_flips(memory, images.patterns, labels, "nearest")
    flips = [memory.predict(np.where(np.eye(9, dtype=bool), -pattern, pattern)) for pattern in images.patterns]
    assert safe.tolist() == [(each == label).all() for each, label in zip(flips, labels, strict=True)]
    rows = certification.summarise(np.array([0, 1, 3]), tried=1, most=3)
    assert [(row["certified"], row["guarantee"]) for row in rows] == [
        (2, "exact"),
        (1, "lower bound"),
        (1, "lower bound"),
    ]
    assert rows[1]["high"] == 1


def test_one_model_is_measured_whole():
    images = labelled(16, 20, seed=6)
    drawn, flips = sampled(images, [1, 2, 3], 40), SharedFlips.of(images)
    rare = {"images": 1, "distances": [3], **SPLITTING}
    shells, certified, tails = measure(
        network_of(16, seed=1),
        images,
        drawn,
        flips,
        exhaustive=True,
        certified={"images": 3, "distance": 4},
        rare=rare,
        seed=0,
    )
    assert shells[shells.distance == 1].guarantee.unique().tolist() == ["exact"]
    assert certified.guarantee.tolist() == ["exact", "exact", "lower bound", "lower bound"]
    assert len(tails) == 1
    shells, certified, tails = measure(
        memory_of(images, "dense"),
        images,
        drawn,
        flips,
        exhaustive=False,
        certified={"images": 3, "distance": 4},
        rare=None,
        seed=0,
    )
    assert certified.readout.tolist() == ["nearest", "exact"]
    assert set(shells.readout) == {"nearest", "exact"}
    assert tails.empty


def test_shells_in_which_nothing_was_seen_are_split():
    images = labelled(16, 20, seed=6)
    network = network_of(16, seed=1)
    shells, answers = estimate_kinds(network, images, sampled(images, [2], 40))
    shells.loc[shells.kind == "P_adv", "hits"] = 0
    right = np.flatnonzero(images.bears(answers["answer"]))
    found = unseen(network, images, right, shells, SPLITTING, seed=0)
    assert found.guarantee.tolist() == ["asymptotic"]
    whole = pd.concat([shells, found]).assign(dataset="d", bits=16, model="m", seed=0, images=len(images.masks))
    row = tables.estimated_partition(whole, [2]).set_index("part").loc["P_adv"]
    assert row.guarantee == "asymptotic"
    around = [np.bitwise_count(np.arange(2**16) ^ code) == 2 for code in hypercube.codes_of(images.patterns[right])]
    labels = answers_to_all(network, 16)[0]["answer"]
    wrong = sum(
        (~is_among(labels[each], images.masks[[image] * 120])).sum() for image, each in zip(right, around, strict=True)
    )
    assert 10**row.log10_count == pytest.approx(wrong, rel=0.4)


# --- figures
# ---------------------------------------------------------------------------------------


@given(st.integers(1, 6))
@settings(max_examples=6, deadline=None)
def test_cells_side_by_side_differ_in_one_pixel(half):
    size = 2 * half
    codes = on_plane(np.arange(2**size), size)
    for axis in (0, 1):
        apart = np.bitwise_count(codes ^ np.roll(codes, 1, axis=axis))
        assert (np.delete(apart, 0, axis=axis) == 1).all()
    assert sorted(codes.ravel()) == list(range(2**size))


@pytest.fixture(scope="module")
def written():
    """The tables of a small space and of the same space by sampling, as if it were too large, for a network and a
    memory.
    """
    images = labelled(16, 20, seed=6)
    models = {"tanh_mlp": network_of(16, seed=1), "iterative_margin_1": memory_of(images, "iterative")}
    space = Space(images, largest=16)
    shells, basins, maps = count_models(space, models)
    flips, drawn = SharedFlips.of(images), sampled(images, [1, 2], 60)
    parts = [
        measure(
            model,
            images,
            drawn,
            flips,
            exhaustive=name == "tanh_mlp",
            certified={"images": 3, "distance": 3},
            rare=None,
            seed=0,
        )
        for name, model in models.items()
    ]
    head = {"dataset": "whole", "bits": 16, "images": len(images.masks), "seed": 0}
    small = shells.assign(dataset="small", bits=16, seed=0)
    whole, certified = (
        pd.concat([part[place].assign(model=name) for name, part in zip(models, parts, strict=True)]).assign(**head)
        for place in (0, 1)
    )
    exact, estimated = tables.exact_partition(small, [1, 2]), tables.estimated_partition(whole, [1, 2])
    return {
        "sums": tables.check_sums(exact),
        "partition": pd.concat([exact, estimated], ignore_index=True),
        "shares": tables.shares_by_shell(pd.concat([small, whole], ignore_index=True)),
        "certified": tables.arrange_certified(certified),
        "basins": tables.summarise_basins(basins.assign(dataset="small", bits=16, seed=0)),
        "datasets": pd.concat([images.describe("small"), images.describe("whole")]),
        "maps": {"distances": space.nearest[0], **maps},
    }


def test_estimates_lie_around_the_exact_parts(written):
    partition = (
        written["partition"][written["partition"].radius == 2]
        .set_index(["dataset", "model", "readout", "part"])
        .sort_index()
    )
    small, whole = partition.loc["small"], partition.loc["whole"]
    together = small.add_suffix("_exact").join(whole)
    inside = (together.low <= together.log10_count_exact + 1e-9) & (together.log10_count_exact <= together.high + 1e-9)
    assert inside.mean() > 0.9
    assert written["sums"].iloc[0][["estimate", "low", "high", "n"]].tolist() == [0, 0, 0, 6]
    shares = written["shares"].groupby(["dataset", "model", "readout", "distance"]).estimate.sum()
    assert shares.tolist() == pytest.approx([1.0] * len(shares))


def test_the_paragraph_says_what_the_tables_say(written):
    names = ("partition", "shares", "certified", "basins")
    text = paragraph(
        *(written[name] for name in names),
        dataset="whole",
        network="tanh_mlp",
        memory="iterative_margin_1",
        radii=[1, 2],
    )
    first = written["partition"].set_index(["dataset", "model", "readout", "radius", "part"])
    assert f"{first.log10_count['whole', 'tanh_mlp', 'answer', 1, 'P_g']:.2f}" in text
    assert "2\\ :sup:`16` = 10\\ :sup:`4.8`" in text
    row = (
        written["shares"]
        .set_index(["dataset", "model", "readout", "distance", "part"])
        .loc[("whole", "tanh_mlp", "answer", 2, "P_adv")]
    )
    assert f"{row.estimate:.1%} [{row.low:.1%}, {row.high:.1%}]" in text
    assert "nan" not in text
    assert "no single flip changed the answer of tanh mlp" in text


def test_figures_show_what_was_counted(written):
    names = {"network": "tanh_mlp", "memory": "iterative_margin_1"}
    drawn = draw_pattern_partition(written["shares"], written["datasets"], families=FAMILIES)
    panels = [axes for part in drawn.subfigs for axes in part.axes if axes.patches]
    assert len(panels) == 4
    top = max(bar.get_y() + bar.get_height() for bar in panels[0].patches)
    assert top == pytest.approx(1)
    drawn = draw_pattern_space_map(written["maps"], **names, radius=1, dataset="small", families=FAMILIES)
    network, _, basins = drawn.subfigs[1].axes
    far = (np.asarray(network.images[0].get_array()) == len(KINDS)).sum()
    ball = written["partition"].set_index(["dataset", "model", "readout", "radius", "part"])["count"][
        "small", "tanh_mlp", "answer", 1, "R"
    ]
    assert far == 2**16 - int(ball)
    found = written["basins"][written["basins"].kind != "complement"].attractors.sum()
    assert len(np.unique(np.asarray(basins.images[0].get_array()).reshape(-1, 3), axis=0)) <= 2 * found


def test_coverage_is_drawn_row_by_row():
    rows = coverage.cover_hypergeometric(size=60, agreeing=36, distance=8, least=8, **SPLITTING, repeats=3)
    other = rows.assign(estimator=coverage.COUNTS, quantity="P_adv within 1 bits")
    drawn = draw_coverage(coverage.summarise(pd.concat([rows, other])))
    labels = [label.get_text() for label in drawn.axes[0].get_yticklabels()]
    assert labels == ["linear, weights ±1: a share of $10^{-2}$, N = 60", "linear, weights ±1: $P_{adv}$ within 1 bit"]


def test_examples_are_of_the_kinds_and_distances_that_they_are_shown_as():
    images = labelled(16, 20, seed=6)
    network, drawn = network_of(16, seed=1), sampled(images, [1, 2], 200)
    chosen = choose(network, images, drawn, [0, 1, 2], readout="answer")
    right = images.bears(network.predict(images.patterns))
    for line, column in zip(*np.nonzero(chosen["label"] != NOTHING), strict=True):
        pattern = unpack(chosen["packed"][line, column][None], 16)
        apart = (images.patterns != pattern).sum(axis=1)
        assert apart.min() == column
        nearest = int(apart.argmin())
        masks = np.bitwise_or.reduce(images.masks[apart == apart.min()])
        is_right = is_among(network.predict(pattern), np.array([masks]))[0]
        assert SHOWN[line] == ("P_g" if is_right else "P_adv" if right[nearest] else "P_err")
    names, packed, nearest = far_patterns(images, [3, 9], generator=rng(0))
    assert names.tolist() == ["3 flipped", "9 flipped", "all ink", "no ink", "random", "random"]
    assert nearest.tolist() == [(images.patterns != row).sum(axis=1).min() for row in unpack(packed, 16)]
    arrays = {
        "distances": np.array([0, 1, 2]),
        "shape": np.array([4, 4]),
        "far_names": names,
        "far_packed": packed,
        "far_nearest": nearest,
    }
    for kind in ("network", "memory"):
        arrays |= {f"{kind}_{name}": array for name, array in chosen.items()} | {
            f"{kind}_name": np.array(kind),
            f"{kind}_far": np.zeros(6, int),
        }
    figure = draw_pattern_examples(arrays, families={})
    assert (
        sum(
            bool(axes.images)
            for part in figure.subfigs
            for axes in [*part.axes, *(a for sub in part.subfigs for a in sub.axes)]
        )
        >= 12
    )
