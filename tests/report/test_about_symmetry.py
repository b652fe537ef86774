"""The paragraph on symmetry says what the tables hold."""

import pandas as pd
import pytest
from made_weights import memory_of, rng, table_and_example_of_copies, task

from weightspace.data.hypercube import random_patterns
from weightspace.report.about_symmetry import paragraph
from weightspace.symmetry import (
    hopfield_symmetry,
    ordering,
)


@pytest.fixture
def copies():
    return table_and_example_of_copies()


def test_paragraph_says_what_the_tables_hold(copies):
    varied = {"width": 4, "learning_rate": 0.1, "widths": [], "learning_rates": [], "gaps": [5], "optimisers": []}
    order = ordering.summarise(
        ordering.measure_ordering(task(), varied, equivariance=[0.1], training={"steps": 10, "batch_size": 10}, seeds=3)
    )
    images = random_patterns(20, 14, generator=rng(1))
    rows = [
        {"memory": rule, "seed": 0, **row} for rule in ("hebbian", "dense") for row in measured(memory_of(rule), images)
    ]
    names = ("angle_of_random_start_to_nearest_copy", "angle_of_random_starts_to_nearest_copy")
    own = {"weights": "trained_by_width", "estimate": 1.25, "low": 1.0, "high": 1.5, "seeds": 2}
    by_width = [{**own, "hidden": 0, "quantity": f"{name}_per_doubling"} for name in names]
    by_width += [{**own, "hidden": hidden, "quantity": name} for name in names for hidden in (4, 8)]
    table = pd.concat([copies[0], pd.DataFrame(by_width)], ignore_index=True)
    text = paragraph(table, order, hopfield_symmetry.summarise(pd.DataFrame(rows)))
    assert "+1.2 (+1.0 to +1.5) degrees for each doubling" in text
    assert "They did in all where they started 5 apart" in text
    assert "which no gradient reaches, did in 100%" in text
    assert "flipped along, 0%" in text
    assert "their flips, change 0%" in text


def measured(memory, images):
    return hopfield_symmetry.measure_memory(memory, images, draws=1, generator=rng(2))
