"""Measurements of memories (capacity, basins, attractors, dynamics) against plain loops over small networks and cases
known in closed form.
"""

import io
import itertools

import numpy as np
import pandas as pd
import pytest

from weightspace.data.hypercube import all_patterns, codes_of, first_distinct, flip_bits, random_patterns
from weightspace.data.shrunken_digits import shrink_apart
from weightspace.figures import style
from weightspace.figures.basins import draw_basins
from weightspace.figures.capacity import draw_capacity
from weightspace.memories.learning_rules import train
from weightspace.memories.memory import Memory
from weightspace.memories.recall import Recall
from weightspace.retrieval import attractors, basins, capacity, capacity_tables, dynamics
from weightspace.retrieval.capacity import Crossing, find_crossing
from weightspace.retrieval.capacity_tables import crossing_over_seeds, literature
from weightspace.retrieval.small_memories import follow_small_memories

HEBBIAN = {"rule": "hebbian"}
ITERATIVE = {"rule": "iterative", "margin": 0, "flip_share": 1, "passes": 100}


def rng(seed):
    return np.random.default_rng(seed)


def memory_of(patterns, definition=HEBBIAN):
    nobody = np.arange(len(patterns))
    return train(patterns, nobody, nobody, definition, generator=rng(0)).memory


def settle(weights, state):
    """Sequential recall written out: the final state, and how many bits flipped on the way."""
    state, flips = state.astype(int).copy(), 0
    while True:
        before = flips
        for neuron, row in enumerate(weights.astype(int)):
            if (row @ state) * state[neuron] < 0:
                state[neuron] *= -1
                flips += 1
        if flips == before:
            return state, flips


# --- what memories are probed with
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("distance", [0, 1, 7, 12])
def test_flipped_bits_are_as_many_as_asked_and_anywhere(distance):
    patterns = random_patterns(2000, 12, generator=rng(0))
    changed = flip_bits(patterns, distance, generator=rng(1)) != patterns
    assert (changed.sum(axis=1) == distance).all()
    assert changed.mean(axis=0) == pytest.approx(np.full(12, distance / 12), abs=0.05)


def test_more_bits_than_there_are_cannot_be_flipped():
    with pytest.raises(ValueError, match="between 0 and 12, found 13"):
        flip_bits(random_patterns(1, 12, generator=rng(0)), 13, generator=rng(0))


def test_random_patterns_are_fair_and_grow_by_rows():
    many = random_patterns(3000, 40, generator=rng(3))
    assert set(np.unique(many)) == {-1, 1}
    assert abs(many.mean()) < 0.01
    assert (random_patterns(7, 40, generator=rng(3)) == many[:7]).all()


def test_step_updates_all_neurons_at_once():
    memory = memory_of(random_patterns(4, 15, generator=rng(0)))
    states = random_patterns(50, 15, generator=rng(1))
    fields = states.astype(int) @ memory.weights
    assert (capacity.synchronous_step(memory, states) == np.where(fields == 0, states, np.sign(fields))).all()


# --- the load at which a share falls through one half
# ---------------------------------------------------------------------------------------


def test_crossing_is_interpolated_on_the_logarithm_of_the_load():
    found = find_crossing([8, 1, 2], [0, 100, 75], [100, 100, 100])
    assert (found.below, found.above) == (2, 8)
    assert found.load == pytest.approx(2 * 4 ** (1 / 3))  # a third of the way from 0.75 to 0


def test_crossing_of_a_share_that_rises_by_chance():
    assert find_crossing([1, 2, 3, 4], [10, 4, 8, 0], [10] * 4) == find_crossing([1, 2, 3, 4], [10, 6, 6, 0], [10] * 4)


def test_crossing_outside_the_loads_is_open():
    over, under = find_crossing([1, 2], [9, 5], [10, 10]), find_crossing([1, 2], [4, 5], [10, 10])
    assert np.isnan([over.load, under.load]).all()
    assert (over.below, over.above, under.below, under.above) == (2, np.inf, 0, 1)


def test_interval_of_a_crossing_is_no_finer_than_the_loads():
    same = [Crossing(1.4, 1.0, 2.0)] * 5
    found = crossing_over_seeds(same, n=500)
    assert (found.estimate, found.low, found.high, found.n, found.seeds) == (pytest.approx(1.4), 1.0, 2.0, 500, 5)
    assert crossing_over_seeds([Crossing(1.4, 1.0, 2.0)], n=1) == crossing_over_seeds(same[:1], n=1)
    assert (crossing_over_seeds(same[:1], n=1).low, crossing_over_seeds(same[:1], n=1).high) == (1.0, 2.0)


def test_a_seed_that_never_crosses_leaves_the_interval_open():
    found = crossing_over_seeds([Crossing(1.4, 1.0, 2.0), Crossing(np.nan, 3.0, np.inf)], n=2)
    assert np.isnan(found.estimate)
    assert (found.low, found.high) == (1.0, np.inf)


@pytest.mark.parametrize(("width", "points"), [(0.001, 12), (0.03, 60), (0.1, 30), (0.3, 60)])
def test_interval_of_a_crossing_covers_it(width, points):
    """Sigmoids of ln load, steep and flat, whose middle differs from seed to seed: 95 % of the intervals should hold
    their mean.
    """
    random, loads, covered, widths = rng(5), np.geomspace(0.02, 2, points), [], []
    for _ in range(300):
        middle = 0.2 * np.exp(random.uniform(-0.3, 0.3))
        seeds = []
        for own in middle * (1 + 0.05 * random.standard_normal(5)):
            hits = random.binomial(100, 1 / (1 + np.exp(np.clip(np.log(loads / own) / width, -50, 50))))
            seeds.append(find_crossing(loads, hits, np.full(points, 100)))
        found = crossing_over_seeds(seeds, n=1)
        covered.append(found.low <= middle <= found.high)
        widths.append((found.high - found.low) / middle)
    assert np.mean(covered) >= 0.93
    assert np.mean(widths) < max(0.25, 1.4 * np.log(100) / points)  # no wider than noise and the loads account for


# --- capacity
# ---------------------------------------------------------------------------------------


def test_probe_counts_what_plain_loops_count():
    patterns = random_patterns(9, 30, generator=rng(2))
    memory = memory_of(patterns)
    found = capacity.probe(memory, flipped=[0.1], probes=7, overlap=0.9, generator=rng(7)).set_index("quantity")
    ends = [settle(memory.weights, pattern) for pattern in patterns[:7]]
    fields = patterns[:7].astype(int) @ memory.weights * patterns[:7]
    drawn = rng(7)
    strangers = [settle(memory.weights, pattern)[1] == 0 for pattern in random_patterns(7, 30, generator=drawn)]
    starts = flip_bits(patterns[:7], 3, generator=drawn)
    recovered = sum(
        (settle(memory.weights, start)[0] == pattern).all() for start, pattern in zip(starts, patterns[:7], strict=True)
    )
    near = sum(int(end @ pattern) >= 27 for (end, _), pattern in zip(ends, patterns[:7].astype(int), strict=True))
    assert found.hits.to_dict() == {
        "fixed_points": sum(flips == 0 for _, flips in ends),
        "stable_bits": (fields >= 0).sum(),
        "retrieved": near,
        "strangers": sum(strangers),
        "recovered": recovered,
    }
    assert found.n.to_dict() == {"fixed_points": 7, "stable_bits": 210, "retrieved": 7, "strangers": 7, "recovered": 7}
    assert 0 < found.hits["fixed_points"] < 7  # the case tells something


def test_flipped_bits_are_the_asked_share_of_all():
    """One pattern of 21 bits is recovered from 10 flipped bits, and not from 11."""
    found = capacity.probe(
        memory_of(random_patterns(1, 21, generator=rng(0))),
        flipped=[10 / 21, 11 / 21],
        probes=1,
        overlap=1,
        generator=rng(1),
    )
    assert found[found.quantity == "recovered"].hits.tolist() == [1, 0]


def measured(definition, neurons, counts, *, seeds=2, **settings):
    probing = {"flipped": [0.1], "probes": 100, "overlap": 0.9, "refinements": 0} | settings
    draws = capacity.random_draws(max(counts), neurons, seeds=seeds)
    return capacity.measure_rule(definition, draws, counts, **probing).assign(rule="it", data="random", neurons=neurons)


def test_loads_at_which_nothing_is_held_end_the_measurement():
    found = measured(HEBBIAN, 60, [1, 2, 4, 60, 100, 200], seeds=2)
    assert sorted(found.stored.unique()) == [1, 2, 4, 60]


def test_refinement_narrows_the_gap_for_each_seed():
    coarse, fine = (measured(HEBBIAN, 100, [2, 50], refinements=number) for number in (0, 4))
    assert not coarse.refined.any()
    assert fine[fine.refined].seed.nunique() == 2
    pd.testing.assert_frame_equal(fine[~fine.refined].reset_index(drop=True), coarse)
    intervals = [
        capacity_tables.summarise_capacity(found, {"it": HEBBIAN}).set_index("quantity").loc["fixed_points"]
        for found in (coarse, fine)
    ]
    assert intervals[1].high - intervals[1].low < 0.6 * (intervals[0].high - intervals[0].low)
    assert 0.05 < intervals[1].estimate < 0.35


def test_hebbian_capacity_is_that_of_independent_gaussian_fields():
    """Half of the patterns are fixed points where each of the N bits is stable with probability 2^(-1/N), at field N(1,
    P/N).
    """
    table = capacity_tables.summarise_capacity(
        measured(HEBBIAN, 200, range(18, 48, 4), seeds=20), {"it": HEBBIAN}
    ).set_index("quantity")
    expected = (
        1 / 200 + 199 / 200 / 2.7007**2
    )  # Φ(2.7007) = 2^(-1/200); of the P - 1 other patterns each adds (N - 1)/N² to the variance
    assert table.loc["fixed_points"].estimate == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("diagonal", "held"), [(False, {10: 1, 39: 1, 40: 0}), (True, {10: 1, 39: 0})])
def test_pseudo_inverse_holds_random_patterns_until_it_keeps_every_state(diagonal, held):
    """Without a diagonal 39 patterns of 40 bits are held; at 40 the projection is the identity. With it most strangers
    are kept before that.
    """
    found = (
        measured({"rule": "pseudo_inverse", "diagonal": diagonal}, 40, [10, 39, 40])
        .groupby(["quantity", "stored"])[["hits", "n"]]
        .sum()
    )
    shares = found.hits / found.n
    assert shares["fixed_points"].to_dict() == held
    assert shares["strangers"].iloc[0] == 0
    assert shares["strangers"].iloc[-1] > 0.5


def test_shares_by_load_leave_out_what_one_seed_alone_measured():
    found = measured(HEBBIAN, 60, [2, 30], refinements=2)
    table = capacity_tables.summarise_shares(found)
    assert set(table.stored) == {2, 30}
    row = table[(table.quantity == "fixed_points") & (table.stored == 30)].iloc[0]
    hits = found[(found.quantity == "fixed_points") & (found.stored == 30)].hits
    assert row.estimate == pytest.approx(hits.sum() / 60)
    assert (row.load, row.n, row.seeds) == (0.5, 60, 2)


def test_literature():
    assert [known.load for known in literature(HEBBIAN, 1000)] == pytest.approx(
        [0.138, 1 / (2 * np.log(1000)), 1 / (4 * np.log(1000))]
    )
    assert literature({"rule": "storkey"}, 1000)[0].load == pytest.approx(1 / np.sqrt(2 * np.log(1000)))
    dense = {n: literature({"rule": "dense", "energy": "polynomial", "exponent": n}, 100)[0] for n in (2, 3, 4)}
    assert dense[2].load == pytest.approx(1 / (2 * np.log(100)))  # the quadratic case is McEliece's
    assert dense[3].load * 100 == pytest.approx(100**2 / (2 * 3 * np.log(100)))
    assert dense[4].load * 100 == pytest.approx(100**3 / (2 * 15 * np.log(100)))
    assert dense[4].formula == "N³/(30 ln N)"
    assert literature({"rule": "somebody's own"}, 100) == []


# --- basins
# ---------------------------------------------------------------------------------------


def test_outcomes_by_hand():
    stored = np.array([[1, 1, 1, 1], [1, 1, -1, -1]], np.int8)
    final = np.array(
        [[1, 1, 1, 1], [1, 1, -1, -1], [-1, -1, -1, -1], [-1, -1, 1, 1], [1, -1, 1, -1], [1, 1, 1, 1]], np.int8
    )
    recalled = Recall(final, np.array([1, 1, 1, 1, 1, 0], bool), *np.ones((2, 6), int), np.zeros(6, bool))
    found = basins.outcomes(recalled, stored, np.zeros(6, int))
    assert [basins.OUTCOMES[outcome] for outcome in found] == [
        "returned",
        "other_stored",
        "complement",
        "complement",
        "spurious",
        "not_settled",
    ]


def test_one_pattern_draws_all_states_that_are_nearer_to_it_than_to_its_complement():
    memory = memory_of(random_patterns(1, 21, generator=rng(0)))
    found = basins.measure_basins(memory, distances=[0, 5, 10, 11, 21], patterns=5, starts=30, generator=rng(1))
    shares = found.pivot(index="distance", columns="outcome", values="hits")
    assert (found.n == 30).all()
    assert shares["returned"].to_dict() == {0: 30, 5: 30, 10: 30, 11: 0, 21: 0}
    assert shares["complement"].to_dict() == {0: 0, 5: 0, 10: 0, 11: 30, 21: 30}


def test_each_start_is_judged_by_the_pattern_that_it_came_from():
    memory = memory_of(random_patterns(3, 60, generator=rng(0)))
    found = basins.measure_basins(memory, distances=[1], patterns=3, starts=5, generator=rng(1))
    assert found[found.hits > 0][["outcome", "hits", "n"]].to_numpy().tolist() == [["returned", 15, 15]]


def test_basins_table_has_a_row_for_each_outcome():
    memory = memory_of(random_patterns(3, 40, generator=rng(0)))
    counts = [
        basins.measure_basins(memory, distances=[0, 20], patterns=2, starts=4, generator=rng(s)).assign(
            memory="it", seed=s
        )
        for s in (1, 2)
    ]
    table = basins.summarise(pd.concat(counts))
    assert list(table.outcome) == list(basins.OUTCOMES) * 2
    assert table.groupby("distance").estimate.sum().tolist() == pytest.approx([1, 1])
    assert (table.n == 16).all()


# --- all attractors of small memories
# ---------------------------------------------------------------------------------------


def test_one_pattern_and_its_complement_share_all_states_ties_to_the_first_neuron():
    pattern = random_patterns(1, 8, generator=rng(4))
    memory = memory_of(pattern)
    states = all_patterns(8)
    overlap = states.astype(int) @ pattern[0]
    # Field on a bit: overlap less the bit itself. At overlap 0 the first neuron to be looked at leaves the side that it
    # is on.
    side = np.where(overlap == 0, -states[:, 0] * pattern[0, 0], np.sign(overlap))
    assert (memory.recall(states).states == side[:, None] * pattern[0]).all()
    found = attractors.follow_all_states(memory).set_index("kind")
    assert found.basin.to_dict() == {"stored": 128, "complement": 128}
    assert found.code.to_dict() == {
        "stored": int(codes_of(pattern)[0]),
        "complement": int(codes_of(-pattern)[0]),
    }


@pytest.mark.parametrize(("seed", "size", "count"), [(0, 9, 3), (1, 10, 5), (2, 7, 2), (3, 10, 4)])
def test_attractors_and_basins_are_those_of_plain_loops(seed, size, count):
    patterns = first_distinct(random_patterns(60, size, generator=rng(seed)), count)
    memory = memory_of(patterns)
    ends = [
        tuple(settle(memory.weights, np.array(state))[0].tolist()) for state in itertools.product((-1, 1), repeat=size)
    ]
    found = attractors.follow_all_states(memory)
    states = [tuple(state) for state in all_patterns(size)[found.code].tolist()]
    assert dict(zip(states, found.basin, strict=True)) == {end: ends.count(end) for end in set(ends)}
    stored = {tuple(pattern) for pattern in patterns.tolist()}
    signed = [sign * pattern.astype(int) for pattern in patterns for sign in (1, -1)]
    mixed = {tuple(np.sign(sum(three)).tolist()) for three in itertools.combinations(signed, 3)}
    for state, kind in zip(states, found.kind, strict=True):
        expected = (
            "stored"
            if state in stored
            else "complement"
            if tuple(-np.array(state)) in stored
            else "mixture"
            if state in mixed
            else "other"
        )
        assert kind == expected
    weights = memory.weights / (2 * size)
    assert found.energy.tolist() == pytest.approx(
        [-0.5 * np.array(state) @ weights @ np.array(state) for state in states]
    )


def test_what_is_stored_is_no_complement():
    pattern = random_patterns(1, 9, generator=rng(0))
    assert attractors.follow_all_states(memory_of(np.concatenate([pattern, -pattern]))).kind.tolist() == [
        "stored",
        "stored",
    ]


def test_three_patterns_have_eight_mixtures():
    found = attractors.mixtures(random_patterns(3, 50, generator=rng(0)))
    assert found.shape == (8, 50)
    assert len(np.unique(found, axis=0)) == 8
    assert (abs(found) == 1).all()
    assert len(attractors.mixtures(random_patterns(2, 50, generator=rng(0)))) == 0


def test_more_than_twenty_neurons_are_too_many_to_follow():
    with pytest.raises(ValueError, match="up to N = 20, found N = 21"):
        all_patterns(21)


def test_distinct_patterns_are_the_first_of_their_kind():
    candidates = np.array([[1, 1, -1], [-1, -1, 1], [1, 1, -1], [1, -1, 1], [-1, -1, -1]], np.int8)
    assert first_distinct(candidates, 3).tolist() == [[1, 1, -1], [1, -1, 1], [-1, -1, -1]]
    with pytest.raises(ValueError, match=r"4 different patterns of 3 bits are wanted, but only 3 of 5 differ"):
        first_distinct(candidates, 4)


def test_shrunken_digits_show_what_sets_them_apart():
    images = np.array([[[1, 1, -1, -1]] * 4, [[-1, -1, -1, -1]] * 2 + [[1, 1, 1, 1]] * 2], np.int8)
    average = np.zeros(4)
    assert shrink_apart(images, average, (2, 2)).tolist() == [[1, -1, 1, -1], [-1, -1, 1, 1]]
    assert shrink_apart(images, np.array([2.0, 0, 0, 0]), (2, 2))[0].tolist() == [-1, -1, 1, -1]


def test_small_memories_of_every_rule_are_followed_whole(mnist_patterns):
    rules = {"one": HEBBIAN, "other": ITERATIVE | {"margin": 1}}
    found = follow_small_memories(rules, mnist_patterns, neurons=8, digits=(3, 3), stored=[1, 3], seeds=2)
    states = found.groupby(["rule", "data", "neurons", "stored", "seed"]).basin.sum()
    assert len(states) == 16
    assert set(
        zip(states.index.get_level_values("data"), states.index.get_level_values("neurons"), states, strict=True)
    ) == {
        ("random", 8, 256),
        ("digits", 9, 512),
    }
    table = attractors.summarise(found)
    shares = table[table.quantity == "share_of_states"].groupby(["rule", "data", "stored"]).estimate.sum()
    assert shares.tolist() == pytest.approx([1.0] * 8)
    one = found[(found.rule == "other") & (found.data == "digits") & (found.stored == 3) & (found.kind == "stored")]
    row = table[
        (table.rule == "other") & (table.data == "digits") & (table.stored == 3) & (table.kind == "stored")
    ].set_index("quantity")
    assert row.loc["attractors"].estimate == len(one) / 2
    assert row.loc["share_of_states"].estimate == pytest.approx(one.basin.sum() / 1024)


# --- how recall goes
# ---------------------------------------------------------------------------------------


def two_neurons():
    """Two neurons that want to differ: updated at once, equal ones change places for ever."""
    return memory_of(np.array([[1, -1]], np.int8))


def test_two_neurons_cycle_when_updated_at_once():
    states = np.array([[1, 1], [-1, -1], [1, -1], [-1, 1]], np.int8)
    found = dynamics.follow_recall(two_neurons(), states, sweeps=2, seed=0)
    assert found.synchronous_two_cycle.tolist() == [True, True, False, False]
    assert found.synchronous_state_differs.tolist() == [True, True, False, False]
    assert found.flips.tolist() == [1, 1, 0, 0]
    assert found.sweeps.tolist() == [2, 2, 1, 1]
    assert found.settled.all()
    assert (
        found[["energy_0", "energy_1", "energy_2", "energy_end"]].to_numpy().tolist()
        == [[0.5, -0.5, -0.5, -0.5]] * 2 + [[-0.5] * 4] * 2
    )


def test_another_order_ends_elsewhere_where_the_other_neuron_comes_first():
    starts = np.array([[1, 1], [1, -1]], np.int8)
    found = [
        dynamics.follow_recall(two_neurons(), starts, sweeps=1, seed=seed).order_state_differs.tolist()
        for seed in range(12)
    ]
    assert [True, False] in found
    assert [False, False] in found


def test_label_differs_where_another_order_ends_at_a_pattern_of_another_class():
    patterns = random_patterns(3, 30, generator=rng(0))
    memory = memory_of(patterns)
    starts = flip_bits(patterns[[0] * 300], 15, generator=rng(1))
    found = dynamics.follow_recall(memory, starts, sweeps=1, seed=4)
    shuffled = Memory(memory.weights, patterns, memory.labels, memory.index, {}, order="random", seed=4)
    assert found.order_label_differs.tolist() == (memory.predict(starts) != shuffled.predict(starts)).tolist()
    assert 0 < found.order_label_differs.sum() < found.order_state_differs.sum()


def test_cycles_are_states_that_come_back_after_two_steps():
    memory = memory_of(random_patterns(12, 40, generator=rng(0)))
    starts = random_patterns(60, 40, generator=rng(1))
    state = starts
    for _ in range(200):
        state = capacity.synchronous_step(memory, state)
    cycles = (capacity.synchronous_step(memory, state) != state).any(axis=1)
    assert (capacity.synchronous_step(memory, capacity.synchronous_step(memory, state)) == state).all()
    found = dynamics.follow_recall(memory, starts, sweeps=1, seed=0)
    assert found.synchronous_two_cycle.tolist() == cycles.tolist()
    assert 0 < cycles.sum() < 60


def test_energy_by_sweep_is_that_of_recall_cut_short():
    memory = memory_of(random_patterns(12, 40, generator=rng(0)))
    starts = random_patterns(30, 40, generator=rng(1))
    found = dynamics.energies_by_sweep(memory, starts, sweeps=3)
    for sweeps in (1, 2, 3):
        cut = Memory(memory.weights, memory.patterns, memory.labels, memory.index, {}, sweeps=sweeps)
        assert (found[:, sweeps] == memory.energy(cut.recall(starts).states)).all()
    assert (found[:, 0] == memory.energy(starts)).all()
    assert (np.diff(found, axis=1) <= 0).all()
    assert (found[:, 1] < found[:, 0]).any()


def test_recall_dynamics_table():
    memory = memory_of(random_patterns(12, 40, generator=rng(0)))
    images = [
        dynamics.follow_recall(memory, random_patterns(50, 40, generator=rng(s)), sweeps=2, seed=s).assign(
            memory="it", seed=s
        )
        for s in (1, 2, 3)
    ]
    table = dynamics.summarise(pd.concat(images))
    assert table[table.quantity == "energy_to_fall"].sweep.tolist() == [0, 1, 2]
    values = table.set_index(["quantity", table.sweep.fillna(-1)]).estimate
    every = pd.concat(images)
    assert values["flips", -1] == pytest.approx(every.flips.mean())
    assert values["order_state_differs", -1] == pytest.approx(every.order_state_differs.mean())
    assert values["energy", 1] == pytest.approx(every.energy_1.mean())
    assert values["energy_to_fall", 0] == 1
    assert 0 < values["energy_to_fall", 1] < 1
    assert (table.n == 150).all()


def test_images_that_do_not_fall_leave_nothing_to_average():
    found = dynamics.follow_recall(two_neurons(), np.array([[1, -1]], np.int8), sweeps=1, seed=0).assign(
        memory="it", seed=0
    )
    row = dynamics.summarise(found).set_index("quantity").loc["energy_to_fall"].iloc[0]
    assert np.isnan(row.estimate)
    assert (row.low, row.high, row.n) == (0, 1, 0)


# --- figures
# ---------------------------------------------------------------------------------------


def capacity_frames():
    rules = {"hebbian": HEBBIAN, "dense_3": {"rule": "dense", "energy": "polynomial", "exponent": 3}}
    parts = [
        measured(HEBBIAN, 60, [2, 8, 20], refinements=1).assign(rule=rule, data=data)
        for rule in rules
        for data in ("random", "mnist")
    ]
    parts[2] = parts[2][parts[2].stored == 2]  # of dense_3 only a load at which everything is held
    counts = pd.concat(parts)
    return capacity_tables.summarise_capacity(counts, rules), capacity_tables.summarise_shares(counts)


def basin_frames():
    memory = memory_of(random_patterns(3, 40, generator=rng(0)))
    counts = [
        basins.measure_basins(memory, distances=[0, 10, 20], patterns=3, starts=4, generator=rng(s)).assign(seed=s)
        for s in (1, 2)
    ]
    names = [f"hebbian_{number}" for number in range(7)]
    followed = [
        attractors.follow_all_states(memory_of(random_patterns(3, 9, generator=rng(s)))).assign(seed=s) for s in (1, 2)
    ]
    found = pd.concat(followed).assign(neurons=9, stored=3)
    kinds = [
        found.assign(rule=rule, data=data)
        for rule in ("hebbian", "iterative_margin_1")
        for data in ("random", "digits")
    ]
    return basins.summarise(
        pd.concat([part.assign(memory=name) for name in names for part in counts])
    ), attractors.summarise(pd.concat(kinds))


@pytest.fixture(scope="module")
def drawn():
    return {
        "capacity": draw_capacity(*capacity_frames(), families={}),
        "basins": draw_basins(*basin_frames(), families={}),
    }


@pytest.mark.parametrize(
    ("name", "title", "notes"),
    [
        ("capacity", "How many patterns", ["n = 4 to 40 stored patterns", "2 seeds"]),
        ("basins", "From how far away", ["n = 24 starts", "512 states", "2 seeds"]),
    ],
)
def test_figures_say_what_was_measured_and_keep_their_text_inside(drawn, name, title, notes):
    figure = drawn[name]
    with style.paper():
        figure.savefig(io.BytesIO())  # lays the figure out
        box = figure.get_tightbbox()
    assert title in figure.get_suptitle()
    note = " ".join(figure.get_supxlabel().split())
    assert all(part in note for part in notes)
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) >= 0
    assert (box.x1, box.y1) <= (width, height)


def test_capacity_is_drawn_where_the_table_has_it(drawn):
    table, _ = capacity_frames()
    marks = [line.get_xdata()[0] for axes in drawn["capacity"].axes for line in axes.lines if line.get_marker() == "o"]
    held = table[(table.quantity == "fixed_points") & table.estimate.notna()]
    assert sorted(marks) == pytest.approx(sorted(held.estimate.where(held.data == "random", held.estimate * 60)))
    assert held.data.tolist() == ["random", "mnist", "mnist"]
    texts = {text.get_text() for axes in drawn["capacity"].axes for text in axes.texts}
    assert {"over 0.033", "0.138 N", "N/(2 ln N)", "N²/(6 ln N)"} <= texts


def test_bars_of_small_memories_are_the_tables_shares(drawn):
    _, table = basin_frames()
    panel = next(axes for axes in drawn["basins"].axes if axes.get_title(loc="left") == "3 random")
    first = [bar.get_width() for bar in panel.patches if bar.get_y() < 0]
    rows = table[(table.rule == "hebbian") & (table.data == "random") & (table.quantity == "share_of_states")]
    assert first == pytest.approx([*rows.estimate, 0])  # all settle
    number = table[
        (table.rule == "hebbian") & (table.data == "random") & (table.quantity == "attractors")
    ].estimate.sum()
    assert f"{number:.3g}" in {text.get_text() for text in panel.texts}
