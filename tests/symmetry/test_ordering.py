"""The order of units during training, against a plain loop and where it is known."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weights import drawn, rng, task

from weightspace.figures.ordering import draw_ordering
from weightspace.networks import gradient_steps
from weightspace.networks.gradient_steps import descend, draw_batches
from weightspace.symmetry import (
    ordering,
)

SEEDS = st.integers(0, 2**32 - 1)


def cell(**changes):
    return {"width": 5, "optimiser": "sgd", "learning_rate": 0.1, "gap": 0, "encoding": "signs"} | changes


@given(SEEDS, st.sampled_from(sorted(gradient_steps.OPTIMISERS)))
@settings(max_examples=15, deadline=None)
def test_permuted_and_flipped_starts_take_permuted_and_flipped_paths(seed, optimiser):
    row = ordering.measure_equivariance(
        task(), cell(optimiser=optimiser, learning_rate=0.01), steps=100, batch_size=10, random=rng(seed)
    )
    assert row["value"] < 1e-12


def test_equivariance_is_lost_where_units_differ_in_kind(monkeypatch):
    """A rule that is not odd in the gradient treats flipped units otherwise, and the measurement says so."""
    monkeypatch.setitem(gradient_steps.OPTIMISERS, "sgd", lambda gradient, state, rate: rate * np.abs(gradient))
    assert ordering.measure_equivariance(task(), cell(), steps=20, batch_size=10, random=rng(0))["value"] > 1e-3


def test_order_is_that_of_a_plain_loop():
    learned, setting, steps = task(), cell(width=6), 15
    rows = pd.DataFrame(
        ordering.measure_order(learned, setting, steps=steps, batch_size=10, shown=range(1, 16), random=rng(3))
    )
    random = rng(3)
    layers = ordering.start_of(learned, setting, random=random)
    batches = draw_batches(60, steps=steps, batch_size=10, generator=random)
    start, shares, cones = (
        layers[0][1].copy(),
        [],
        [tuple(np.sign(layers[0][1])) + tuple(np.argsort(abs(layers[0][1])))],
    )
    by_bias = sorted(range(6), key=lambda unit: start[unit])
    for _ in descend(layers, learned.images, learned.targets, batches, optimiser="sgd", learning_rate=0.1):
        biases = layers[0][1]
        shares.append(np.mean([biases[low] > biases[high] for low, high in itertools.pairwise(by_bias)]))
        cones.append(tuple(np.sign(biases)) + tuple(np.argsort(abs(biases))))
    mine = rows[rows.key == "bias"].set_index("quantity")["value"]
    assert mine["out_of_order"].tolist() == shares
    assert mine["kept"] == (not any(shares))
    assert np.isnan(mine["first_crossing"]) or mine["first_crossing"] == 1 + next(
        step for step, share in enumerate(shares) if share
    )
    assert mine["largest_move"] == np.abs(layers[0][1] - start).max()
    assert mine["smallest_gap"] == np.diff(np.sort(start)).min()
    changes = np.mean([one != other for one, other in itertools.pairwise(cones)])
    assert rows[rows.quantity == "cone_changes"]["value"].item() == changes
    assert rows[(rows.key == "cone") & (rows.quantity == "kept")]["value"].item() == (len(set(cones)) == 1)


def test_a_pixel_that_is_always_zero_keeps_any_order_and_one_that_is_always_black_moves_with_the_bias():
    learned = task()
    assert learned.constant == 2
    for encoding in ("bits", "signs"):
        setting = cell(encoding=encoding)
        start = ordering.start_of(learned, setting, random=rng(0))
        layers = [(weights.copy(), biases.copy()) for weights, biases in start]
        batches = draw_batches(60, steps=20, batch_size=10, generator=rng(1))
        for _ in descend(
            layers, learned.encoded(encoding), learned.targets, batches, optimiser="sgd", learning_rate=0.1
        ):
            pass
        moved, bias_moved = layers[0][0][:, 2] - start[0][0][:, 2], layers[0][1] - start[0][1]
        if encoding == "bits":
            assert not moved.any()
        else:
            np.testing.assert_allclose(moved, -bias_moved, atol=1e-14)
            assert bias_moved.any()


def test_biases_far_apart_keep_their_order():
    rows = pd.DataFrame(
        ordering.measure_order(task(), cell(gap=1.0), steps=30, batch_size=10, shown=[30], random=rng(0))
    )
    found = rows[rows.key == "bias"].set_index("quantity")["value"]
    assert found["kept"] == 1
    assert found["out_of_order"] == 0
    assert found["smallest_gap"] == pytest.approx(1)
    assert 0 < 2 * found["largest_move"] < found["smallest_gap"]


def test_a_cone_that_is_left_and_entered_again_is_not_kept(monkeypatch):
    cones = iter([b"a", b"a", b"b", b"a"])
    monkeypatch.setattr(ordering, "_cone", lambda layers: next(cones))
    rows = ordering.measure_order(task(), cell(), steps=3, batch_size=10, shown=[], random=rng(0))
    kept = next(row["value"] for row in rows if (row["key"], row["quantity"]) == ("cone", "kept"))
    assert kept == 0


def test_equivariance_is_the_largest_of_all_networks():
    rows = pd.DataFrame(
        {**cell(), "seed": seed, "key": "all", "step": 3, "quantity": "equivariance_deviation", "value": value, "n": 3}
        for seed, value in enumerate([1e-15, 1e-9, 1e-15])
    )
    found = ordering.summarise(rows).iloc[0]
    assert (found.estimate, found.interval) == (1e-9, "none")


def test_settings_vary_one_factor_at_a_time():
    found = ordering.settings_of(
        width=8,
        learning_rate=0.1,
        widths=[4, 8],
        learning_rates=[0.01],
        gaps=[1],
        optimisers=[{"optimiser": "adam", "learning_rate": 0.001}],
    )
    assert len(found) == len({tuple(setting.items()) for setting in found}) == 6
    base = found[0]
    assert base == {"width": 8, "optimiser": "sgd", "learning_rate": 0.1, "gap": 0, "encoding": "signs"}
    assert all(
        sum(setting[key] != base[key] for key in base) in (0, 1) for setting in found if setting["optimiser"] == "sgd"
    )


def test_table_of_order_has_one_row_for_each_setting_and_key():
    varied = {"width": 4, "learning_rate": 0.1, "widths": [3], "learning_rates": [], "gaps": [5.0], "optimisers": []}
    rows = ordering.measure_ordering(
        task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=3
    )
    assert rows.equals(
        ordering.measure_ordering(task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=3)
    )
    table = ordering.summarise(rows)
    assert not table.duplicated([*ordering.CELL, "key", "quantity"]).any()
    kept = table[(table.gap == 5) & (table.key == "bias") & (table.quantity == "kept")].iloc[0]
    assert (kept.estimate, kept.n, kept.seeds) == (1, 3, 3)
    assert kept.low < 1
    assert table[(table.gap == 5) & (table.key == "bias") & (table.quantity == "first_crossing")].empty
    out = table[
        (table.gap == 0)
        & (table.key == "norm")
        & (table.quantity == "out_of_order")
        & (table.width == 4)
        & (table.encoding == "signs")
    ]
    last = rows[
        (rows.step == 10)
        & (rows.gap == 0)
        & (rows.key == "norm")
        & (rows.quantity == "out_of_order")
        & (rows.width == 4)
    ]
    assert out.estimate.item() == pytest.approx(last[last.encoding == "signs"]["value"].mean())


def test_figure_of_order_shows_every_setting():
    varied = {"width": 4, "learning_rate": 0.1, "widths": [3], "learning_rates": [0.01], "gaps": [5], "optimisers": []}
    rows = ordering.measure_ordering(
        task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=2
    )
    size, texts = drawn(draw_ordering(rows))
    assert size > 5000
    assert {"bias", "norm", "constant pixel", "as drawn", "gap 5", "sgd 0.1", "sgd 0.01"} <= set(texts)
