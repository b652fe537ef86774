"""Steps to a loss: descent in the span is descent, and slopes of power laws."""

import pandas as pd
import pytest
from made_weights import rng, small_task

from weightspace.networks.gradient_steps import loss_of, targets_of
from weightspace.networks.weight_layers import logits, random_layers
from weightspace.weight_space import dimension

CLASSES = 10


def test_descent_in_the_span_is_descent():
    patterns, labels = small_task(inputs=30, count=9)
    layers, targets = random_layers((30, 6, CLASSES), generator=rng(5)), targets_of(labels, CLASSES)
    reduced, coordinates = dimension.in_span(layers, patterns)
    assert coordinates.shape == (9, 9)
    steps = [
        dimension.steps_to_loss(weights, inputs, targets, loss=0.55, learning_rate=0.3, most=500)
        for weights, inputs in ((layers, patterns), (reduced, coordinates))
    ]
    assert steps[0] == steps[1]
    assert 5 < steps[0] < 500


def test_steps_to_loss_count_from_zero_to_the_most():
    patterns, labels = small_task()
    layers, targets = random_layers((15, 4, CLASSES), generator=rng(0)), targets_of(labels, CLASSES)
    start = loss_of(logits(layers, patterns), targets)
    assert dimension.steps_to_loss(layers, patterns, targets, loss=start, learning_rate=0.1, most=9) == 0
    assert dimension.steps_to_loss(layers, patterns, targets, loss=0.01, learning_rate=0.1, most=9) == 9


def test_slope_is_that_of_a_power_law():
    rows = [
        {
            "width": w,
            "weights": 10 * w,
            "phase": "measured",
            "seed": seed,
            "learning_rate": 0.1,
            "steps": round(1e6 * (1 + seed) / w**0.5),
            "reached": True,
        }
        for w in (4, 16, 64)
        for seed in range(3)
    ]
    table = dimension.summarise(pd.DataFrame(rows))
    slope = table[table.quantity == "slope"].iloc[0]
    assert slope.estimate == pytest.approx(-0.5, abs=1e-4)
    assert (slope.n, slope.seeds) == (9, 3)
