"""What small memories hold against plain loops, and the load at which a share falls through one half."""

import numpy as np
import pytest
from made_memories import HEBBIAN, measured, memory_of, rng, settle

from weightspace.data.hypercube import flip_bits, random_patterns
from weightspace.retrieval import capacity
from weightspace.retrieval.capacity import find_crossing


def test_step_updates_all_neurons_at_once():
    memory = memory_of(random_patterns(4, 15, generator=rng(0)))
    states = random_patterns(50, 15, generator=rng(1))
    fields = states.astype(int) @ memory.weights
    assert (capacity.synchronous_step(memory, states) == np.where(fields == 0, states, np.sign(fields))).all()


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


def test_loads_at_which_nothing_is_held_end_the_measurement():
    found = measured(HEBBIAN, 60, [1, 2, 4, 60, 100, 200], seeds=2)
    assert sorted(found.stored.unique()) == [1, 2, 4, 60]


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
