"""Tables of capacity against cases known in closed form, and the interval of the load at which a share falls."""

import numpy as np
import pandas as pd
import pytest
from made_memories import HEBBIAN, measured, rng

from weightspace.retrieval import capacity_tables
from weightspace.retrieval.capacity import Crossing, find_crossing
from weightspace.retrieval.capacity_tables import crossing_over_seeds, literature


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


def test_refinement_narrows_the_gap_for_each_seed():
    coarse, fine = (measured(HEBBIAN, 100, [2, 50], refinements=number, seeds=3) for number in (0, 4))
    assert not coarse.refined.any()
    assert fine[fine.refined].seed.nunique() == 3
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
