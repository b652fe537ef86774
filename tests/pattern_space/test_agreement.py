"""Agreement of models of one kind on adversarial and on irrelevant patterns."""

import numpy as np
import pytest
from small_spaces import Silent, labelled, memory_of, network_of, rng, sampled

from weightspace.data.labelled_images import is_among
from weightspace.data.nearest_images import ImageSearch
from weightspace.data.patterns import unpack
from weightspace.pattern_space.agreement import agreement_table, compare, outside


def of_quantity(table, part, quantity):
    return table[(table.part == part) & (table.quantity == quantity)]


def test_irrelevant_patterns_lie_outside_the_radius():
    images = labelled(16, 20, seed=6)
    packed = outside(images, 6, 3, 200, generator=rng(0))
    assert 0 < len(packed) < 200
    assert (ImageSearch(images.packed).nearest(packed)[0] > 3).all()


def test_agreement_is_that_of_the_answers_themselves():
    images, models = labelled(16, 20, seed=6), [network_of(16, seed=seed) for seed in range(3)]
    drawn, far = sampled(images, [1, 2, 3], 80), {8: outside(labelled(16, 20, seed=6), 8, 3, 100, generator=rng(1))}
    pairs = compare(models, images, drawn, [2, 3], far)
    inside = drawn.distance == 3
    answers = [model.predict(drawn.patterns[inside]) for model in models]
    wrong = ~is_among(answers[2], drawn.masks[inside])
    row = pairs[(pairs.part == "P_a") & (pairs.distance == 3) & (pairs.seed == 2)].iloc[0]
    assert (row.alike, row.n) == (int((answers[2] == answers[0])[wrong].sum()), int(wrong.sum()))
    leads = []
    for packed in (drawn.packed[inside][wrong], far[8]):
        ordered = np.sort(models[2].scores(unpack(packed, 16)), axis=1)
        leads.append(ordered[:, -1] - ordered[:, -2])
    smaller = (leads[1][None] < leads[0][:, None]).mean() + (leads[1][None] == leads[0][:, None]).mean() / 2
    certainty = pairs[(pairs.part == "P_r") & (pairs.seed == 2)].certainty.iloc[0]
    assert certainty == pytest.approx(smaller)
    table = agreement_table({"network": pairs}, shell=3)
    shares = pairs[(pairs.part == "P_r")].set_index("seed")
    beside = pairs[(pairs.part == "P_a") & (pairs.distance == 3)].set_index("seed")
    less = (shares.alike / shares.n - beside.alike / beside.n).mean()
    assert of_quantity(table, "P_r", "minus_adversarial").estimate.item() == pytest.approx(less)
    assert of_quantity(table, "P_a", "minus_adversarial").empty


def test_what_is_the_same_cannot_be_told_apart():
    """Planted: patterns of P_r drawn as those of P_a are, answered at random, give no difference; another law does."""
    images, network = labelled(16, 20, seed=6), network_of(16, seed=1)
    drawn = sampled(images, [3], 3000)
    wrong = ~is_among(network.predict(drawn.patterns), drawn.masks)
    same = agreement_table({"n": compare([network] * 3, images, drawn, [3], {8: drawn.packed[wrong]})}, shell=3)
    assert of_quantity(same, "P_r", "less_certain").estimate.item() == pytest.approx(0, abs=1e-12)
    leads = np.diff(np.sort(network.scores(drawn.patterns[wrong]), axis=1)[:, -2:], axis=1)[:, 0]
    sure = drawn.packed[wrong][leads > np.median(leads)]
    other = agreement_table({"n": compare([network] * 3, images, drawn, [3], {8: sure})}, shell=3)
    assert of_quantity(other, "P_r", "less_certain").estimate.item() == pytest.approx(-0.25, abs=0.01)


def test_equal_memories_agree_and_one_seed_has_none_beside_it():
    images = labelled(16, 20, seed=6)
    drawn, far = sampled(images, [2], 50), {8: outside(images, 8, 2, 50, generator=rng(1))}
    memories = compare([memory_of(images, "iterative")] * 2, images, drawn, [2], far)
    assert (memories.alike == memories.n).all()
    silent = agreement_table({"silent": compare([Silent()] * 3, images, drawn, [2], far)}, shell=2)
    assert of_quantity(silent, "P_r", "less_certain").empty
    assert (of_quantity(silent, "P_r", "by_chance").estimate == 1).all()
    alone = agreement_table({"alone": compare([Silent()], images, drawn, [2], far)}, shell=2)
    assert alone.empty
    assert "quantity" in alone


def test_shells_without_patterns_are_left_out_of_the_table():
    images, models = labelled(16, 20, seed=6), [network_of(16, seed=seed) for seed in range(2)]
    drawn, far = sampled(images, [2], 50), {1: outside(images, 1, 2, 50, generator=rng(1))}
    assert not len(far[1])  # one flip stays within R
    table = agreement_table({"network": compare(models, images, drawn, [2, 7], far)}, shell=7)
    assert set(table.distance) == {2}
    assert set(table.part) == {"P_a"}
    far = {8: outside(images, 8, 2, 50, generator=rng(1))}
    alone = agreement_table({"network": compare(models, images, drawn, [2, 7], far)}, shell=7)
    assert of_quantity(alone, "P_r", "agreement").n.item() == 2 * len(far[8])
    assert of_quantity(alone, "P_r", "minus_adversarial").empty  # nothing adversarial was drawn to compare with
    assert of_quantity(alone, "P_r", "less_certain").empty
