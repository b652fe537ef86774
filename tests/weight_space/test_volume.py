"""The table of volumes sums to one."""

import pytest

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
