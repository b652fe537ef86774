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
