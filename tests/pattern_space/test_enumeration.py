"""Exact counts against slow ones with itertools."""

import inspect
import itertools

import numpy as np
import pytest
from small_spaces import RULES, Silent, as_counts, labelled, memory_of, network_of

from weightspace.data import hypercube
from weightspace.pattern_space import KINDS, tables
from weightspace.pattern_space.enumeration import Space, answers_to_all, count_models
from weightspace.pattern_space.partition import count_shells


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


def test_spaces_too_large_say_what_they_would_take():
    with pytest.raises(
        hypercube.TooLarge,
        match=r"26 pixels make 2\^26 patterns; allowed: at most 25.*1\.2 GiB.*pattern_space\.largest to 26",
    ):
        Space(labelled(26, 4), largest=25)
    with pytest.raises(hypercube.TooLarge, match="more than 30 bits cannot be numbered"):
        Space(labelled(31, 4), largest=40)


def test_answers_of_a_model_of_another_size_are_refused():
    space = Space(labelled(6, 5), largest=10)
    answers, _ = answers_to_all(memory_of(labelled(7, 9), "hebbian"), 7)
    with pytest.raises(ValueError, match="answers to 128 patterns are counted around images of 64"):
        inspect.unwrap(count_shells)(answers["nearest"], space.nearest, space.codes, space.images.trained)
