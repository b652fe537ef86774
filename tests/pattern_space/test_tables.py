"""The tables of the pattern space: estimates beside exact counts of the same space."""

import pytest
from small_spaces import tables_of_a_space


def test_estimates_lie_around_the_exact_parts():
    written = tables_of_a_space()
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
