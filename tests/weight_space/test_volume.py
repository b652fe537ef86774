"""The table of volumes sums to one."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightspace.weight_space import volume


def test_volume_table_sums_to_one(mnist_patterns):
    simulated = volume.simulate_volumes(
        mnist_patterns,
        gain=1.0,
        hidden=4,
        patterns=6,
        held_out=10,
        threshold=0.6,
        draws=1,
        runs=3,
        particles=100,
        sweeps=2,
        levels=100,
    )
    table = volume.summarise(simulated).set_index("quantity")
    assert sum(10 ** table.loc[name].estimate for name in ("W_e", "W_g", "W_n")) == pytest.approx(1)
    assert table.loc["at_most_errors"].estimate.is_monotonic_increasing
    assert table.loc["W_e"].estimate == table.loc["at_most_errors"].estimate.iloc[0]
    assert (table.low < table.high).all()
    assert set(table.interval) <= {"t", "all seeds equal", "none"}


def test_weights_of_which_all_that_were_drawn_are_inside_have_an_interval():
    """Four runs of 250 particles, all within the errors: no estimate of 0 without width."""
    runs = pd.DataFrame({"log_volume": [0.0] * 4, "bound": [-9.0] * 4, "particles": 250})
    found = volume.volume(runs)
    assert (found["estimate"], found["high"], found["interval"]) == (0, 0, "all seeds equal")
    assert 10 ** found["low"] == pytest.approx(stats.binomtest(1000, 1000).proportion_ci().low)
    assert volume.volume(runs.assign(log_volume=[np.nan, -8.0, -8.0, -7.0]))["interval"] == "none"


SETTINGS = {"hidden": 3, "patterns": 4, "held_out": 10, "threshold": 0.6, "particles": 100, "sweeps": 2, "levels": 100}


def test_plain_draws_lie_beside_the_simulation_and_further_draws_of_patterns_give_the_interval(mnist_patterns):
    further = {"gain": 1, "draws": 2, "runs": 1, "held_out_runs": 2, "plain": 20_000}
    simulated = volume.simulate_volumes(mnist_patterns, gain=1.0, draws=1, runs=6, further=further, **SETTINGS)
    table = volume.summarise(simulated).set_index(["draw", "method", "quantity"])
    plain, found = (table.loc[("0", method, "W_g")] for method in ("plain", "simulation"))
    assert plain.low < plain.estimate < plain.high < plain.low + 0.1
    assert max(plain.low, found.low) <= min(plain.high, found.high)
    every = table.loc[("all", "simulation", "W_e")]
    each = [table.loc[(draw, "simulation", "W_e")].estimate for draw in ("0", "1", "2")]
    assert every.estimate == pytest.approx(np.mean(each))
    assert (every.seeds, every.interval) == (3, "t")
    assert set(table.loc[(slice(None), slice(None), "at_most_errors"), :].index.get_level_values("draw")) == {"0"}


def test_a_simulation_that_is_wrong_by_a_factor_of_three_lies_beside_the_plain_draws(mnist_patterns):
    further = {"gain": 1, "draws": 0, "runs": 1, "held_out_runs": 1, "plain": 20_000}
    simulated = volume.simulate_volumes(mnist_patterns, gain=1.0, draws=1, runs=6, further=further, **SETTINGS)
    wrong = simulated.assign(log_volume=simulated.log_volume - np.log(3))
    table = volume.summarise(wrong).set_index(["method", "quantity"])
    assert table.loc[("simulation", "W_g")].high < table.loc[("plain", "W_g")].low


def test_a_draw_of_patterns_that_was_not_reached_leaves_a_bound():
    numbers = {"gain": 1.0, "method": "simulation", "quantity": "W_e", "n": 1}
    found = [
        numbers | {"draw": str(draw), "estimate": value, "high": -5.0 + draw}
        for draw, value in ((0, -9.0), (1, np.nan))
    ]
    (row,) = volume._over_draws(found)
    assert np.isnan(row["estimate"])
    assert (row["high"], row["interval"]) == (-4.0, "none")
