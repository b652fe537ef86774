"""The look that all figures share: colours, labels, numbers, and files that are written whole or not at all."""

import itertools
import re
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from figure_data import descent
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from weightspace.configuration.choices import load_configuration
from weightspace.figures import style
from weightspace.figures.gradient_descent import draw_gradient_descent
from weightspace.plan import Plan


def test_an_interval_that_holds_all_that_is_possible_is_not_drawn():
    rows = pd.DataFrame({"low": [0.1, 0.0], "high": [0.3, 1.0], "interval": ["t", "none"]})
    drawn = style.with_ends(rows)
    assert drawn.iloc[0].low == 0.1
    assert drawn.iloc[1][["low", "high"]].isna().all()
    assert rows.iloc[1].high == 1
    assert style.with_ends(rows.drop(columns="interval")).iloc[1].high == 1


def test_save_that_fails_keeps_the_old_files(tmp_path):
    class Broken(Figure):
        def savefig(self, path, **_):
            Path(path).write_text("half")
            raise OSError("disk full")

    (tmp_path / "a.svg").write_text("old")
    with pytest.raises(OSError, match="disk full"):
        style.save(Broken(), tmp_path / "a.svg", tmp_path / "a.png")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.svg": "old"}


def test_style_leaves_no_trace():
    before = dict(matplotlib.rcParams)
    draw_gradient_descent(descent())
    assert dict(matplotlib.rcParams) == before


def test_shipped_models_have_colours_of_their_own():
    config = load_configuration()
    compared, flipped = config["adversarial"], config["binary_attacks"]["run"]["models"]
    plan = Plan(config)
    together = [
        [
            *config["run"]["networks"],
            *config["run"]["memories"],
            *compared["networks"],
            *compared["memories"],
            *compared["controls"],
        ],
        flipped,
        config["capacity"]["run"],
    ]
    for names in together:
        assert len({style.model_colour(name, plan.family(name)) for name in names}) == len(set(names))


def test_a_learning_rule_and_its_memory_have_one_colour():
    for name, memory, family in (
        ("storkey", "storkey_40", "storkey"),
        ("krauth_mezard", "krauth_mezard_40", "krauth_mezard"),
        ("iterative_margin_0", "iterative_40_margin_0", "iterative"),
    ):
        assert style.model_colour(name, family) == style.model_colour(memory, family)


@pytest.mark.parametrize("name", ["tanh_mlp", "relu_mlp", "my_cnn", "dense_net", "hebbian_like", "recall"])
def test_networks_are_blue_whatever_their_names(name):
    red, green, blue = to_rgb(style.model_colour(name, "network"))
    assert blue > green > red


def test_memories_have_the_hue_of_their_rule():
    assert style.model_colour("my_mlp", "iterative") in style.FAMILIES["iterative"]
    assert style.model_colour("dense_1000", "trained_dense") in style.FAMILIES["dense"]


def test_a_rule_of_the_users_own_has_a_stable_colour():
    # Written down, since a hash that changes between processes would still agree with itself here.
    assert style.model_colour("somebody", "function") == "#7A4A2B"


@given(st.dictionaries(st.text(max_size=3), st.floats(-100, 100), min_size=1, max_size=8), st.floats(0.01, 30))
def test_spread_labels_stand_apart_in_their_order(heights, spacing):
    moved = style.spread(heights, spacing)
    ordered = [moved[label] for label in sorted(heights, key=heights.get)]
    assert moved.keys() == heights.keys()
    assert all(upper - lower >= spacing - 1e-9 for lower, upper in itertools.pairwise(ordered))
    wished = sorted(heights.values())
    if all(upper - lower >= spacing for lower, upper in itertools.pairwise(wished)):
        assert ordered == pytest.approx(wished)
    assert np.mean(ordered) == pytest.approx(np.mean(wished), abs=1e-6)


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [(-1.2, 2, "−1.20"), (0.333, 2, "+0.33"), (-0.001, 2, "0.00"), (-6501.9, 0, "−6,502"), (0, 0, "0")],
)
def test_signed(number, digits, text):
    assert style.signed(number, digits) == text


def test_join_numbers():
    assert style.join_numbers([2, 0, 1, 1]) == "0–2"
    assert style.join_numbers([5, 0]) == "0, 5"
    assert style.join_numbers([3]) == "3"


def test_the_last_digits_of_the_layout_leave_no_trace_in_an_svg(tmp_path):
    for name, nudge in (("a", 0.0), ("b", 1e-15)):
        figure = Figure(figsize=(2, 2))
        for left in (0.1, 0.6):
            figure.add_axes((left + nudge, 0.1, 0.3, 0.8)).plot([0, 1])
        style.save(figure, tmp_path / f"{name}.svg", tmp_path / f"{name}.png")
    svg = (tmp_path / "a.svg").read_text()
    assert svg == (tmp_path / "b.svg").read_text()
    assert set(re.findall(r"url\(#(\w+)\)", svg)) == set(re.findall(r'<clipPath id="(\w+)"', svg)) == {"clip0", "clip1"}
