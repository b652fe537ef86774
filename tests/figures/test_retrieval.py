"""Figures of retrieval show what the tables have."""

import io

import pandas as pd
import pytest
from made_memories import HEBBIAN, measured, memory_of, rng

from weightspace.data.hypercube import random_patterns
from weightspace.figures import style
from weightspace.figures.basins import draw_basins
from weightspace.figures.capacity import draw_capacity
from weightspace.retrieval import attractors, basins, capacity_tables


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
