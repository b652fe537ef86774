"""Figures: the same bytes for the same data, text as text, the data as given, and nothing that odd data break.

Run as a script, ``python test_figures.py FOLDER`` draws all figures into a folder: the tests do so in processes of
their own.
"""

import io
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from figure_data import descent, landscape
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import same_color, to_rgb
from matplotlib.figure import Figure

from weightspace import figures
from weightspace.configuration.choices import load_configuration
from weightspace.figures import style
from weightspace.figures.adversarial_examples import draw_adversarial_examples
from weightspace.figures.energy_landscape import draw_energy_change, draw_landscape
from weightspace.figures.gradient_descent import draw_gradient_descent
from weightspace.figures.hopfield_network import draw_hopfield_network
from weightspace.figures.paper_experiment import draw_paper_experiment
from weightspace.plan import Plan

ROOT = Path(__file__).resolve().parents[1]


def small_network(patterns):
    """Hebbian weights of six neurons and where all their 64 states end; everything by its definition."""
    patterns = np.asarray(patterns, np.int8).reshape(-1, 6)
    weights = 2 * patterns.astype(int).T @ patterns
    np.fill_diagonal(weights, 0)
    states = np.array(list(itertools.product((-1, 1), repeat=6)), np.int8)
    ends = np.array([settle(weights, state) for state in states])
    target = np.array([int(np.flatnonzero((states == end).all(axis=1))[0]) for end in ends])
    kind = np.full(len(states), 2, np.int8)
    for number, signs in ((1, -1), (0, 1)):
        kind[(ends[:, None] == signs * patterns).all(axis=2).any(axis=1)] = number
    energy = -0.5 * np.einsum("si,ij,sj->s", states.astype(float), weights / 12, states)
    labels = np.arange(len(patterns))
    return {
        "weights": weights,
        "scale": np.array(12.0),
        "patterns": patterns,
        "labels": labels,
        "states": states,
        "energy": energy,
        "target": target,
        "kind": kind,
        "shape": np.array([3, 2]),
        "seed": np.array(0),
    }


def settle(weights, state):
    state = state.astype(int)
    while True:
        before = state.copy()
        for neuron, row in enumerate(weights):
            state[neuron] = np.sign(row @ state) or state[neuron]
        if (state == before).all():
            return state


TWO = [[1, 1, -1, -1, 1, 1], [1, -1, 1, -1, 1, -1]]
WITH_SPURIOUS = [[-1, 1, 1, -1, 1, 1], [1, 1, 1, -1, -1, 1], [-1, -1, -1, -1, -1, -1]]


def history(*, passes=(6, 4, 5), violations=(40, 20, 9, 3, 1, 0)):
    rows = [
        {
            "pass": step,
            "seed": seed,
            "violations": violations[step] if step < last - 1 else 0,
            "flips": 400,
            "delta_minimum": 2.1 - 5 / (step + 1) + seed,
            "delta_q05": 4 - 3 / (step + 1),
            "delta_median": 9 + seed,
            "delta_q95": 22,
        }
        for seed, last in enumerate(passes)
        for step in range(last)
    ]
    return pd.DataFrame(rows)


def examples():
    rng = np.random.default_rng(0)
    clean = rng.integers(0, 256, (3, 36)).astype(np.uint8)
    adversarial = np.clip(clean.astype(int) + rng.choice([-51, 51], clean.shape), 0, 255).astype(np.uint8)
    bits, broken = (np.where(image > 127, 1, -1).astype(np.int8) for image in (clean, adversarial))
    answers = {
        "network_clean": [5, 4, 1],
        "network_adversarial": [3, 8, 4],
        "network_clean_bits": [5, 4, 1],
        "network_adversarial_bits": [5, 9, 1],
        "memory_clean": [5, -1, 1],
        "memory_adversarial": [-1, -1, 1],
    }
    images = {
        "clean": clean,
        "adversarial": adversarial,
        "clean_bits": bits,
        "adversarial_bits": broken,
        "recalled_clean": bits,
        "recalled_adversarial": broken,
    }
    names = {
        "attack": np.array("pgd"),
        "network": np.array("tanh_mlp_grey"),
        "memory": np.array("iterative_40_margin_1"),
    }
    numbers = {
        "label": np.array([5, 4, 1]),
        "flipped_bits": (bits != broken).sum(axis=1),
        "budget": np.array(0.2),
        "seed": np.array(0),
    }
    return numbers | images | names | {name: np.array(given) for name, given in answers.items()}


PAPER = {"network": "tanh_mlp_grey", "attack": "pgd", "budget": 0.2}


def paper_table():
    quantities = {
        "adversarial": 0.7,
        "clean": 0.67,
        "network_binarised": 0.1,
        "nearest_neighbour_adversarial": 0.41,
        "nearest_neighbour_clean": 0.4,
        "difference": 0.03,
    }
    memories = ("hebbian_40", "iterative_40_margin_0", "iterative_40_margin_1")
    rows = [
        PAPER
        | {
            "memory": memory,
            "rule": memory.split("_")[0],
            "patterns": 40,
            "margin": 0,
            "source": source,
            "readout": readout,
            "quantity": quantity,
        }
        | {
            "estimate": estimate * (source == "test"),
            "low": estimate - 0.02,
            "high": estimate + 0.02,
            "n": 400,
            "seeds": 10,
        }
        for memory in memories
        for source in ("test", "stored")
        for readout in ("nearest", "exact")
        for quantity, estimate in quantities.items()
    ]
    return pd.DataFrame(rows)


FIGURES = {  # name: what draws it, and a part of its title and of the small line beneath
    "fig1_hopfield_network": (lambda: draw_hopfield_network(small_network(TWO)), "come to rest?", "all 64 states"),
    "fig2_energy_before_training": (
        lambda: draw_landscape(landscape(), "before"),
        "Before training",
        "n = 121 patterns",
    ),
    "fig3_gradient_descent": (
        lambda: draw_gradient_descent(descent()),
        "gradient descent",
        "n = 2,000 training images",
    ),
    "fig4_energy_after_training": (lambda: draw_landscape(landscape(), "after"), "After training", "n = 121 patterns"),
    "fig5_energy_change": (
        lambda: draw_energy_change(landscape(), history(), family="iterative"),
        "every stored image a minimum",
        "n = 400 single flips",
    ),
    "adversarial_examples": (
        lambda: draw_adversarial_examples(examples()),
        "What is left of an attack",
        "n = 3 examples",
    ),
    "paper_experiment": (
        lambda: draw_paper_experiment(paper_table(), **PAPER),
        "“misclassified 0.7”",
        "n = 400 test images",
    ),
}


def draw_all(folder):
    for name, (draw, *_) in FIGURES.items():
        style.save(draw(), *(Path(folder) / f"{name}.{kind}" for kind in ("svg", "png", "pdf")))


@pytest.fixture(scope="module")
def twice_drawn(tmp_path_factory):
    """All figures, drawn by two processes that differ in hash seed and in the user's own matplotlibrc."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "matplotlibrc").write_text("font.size: 20\nsvg.fonttype: path\naxes.grid: True\nlines.linewidth: 5\n")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    differences = ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "MATPLOTLIBRC": str(folder / "matplotlibrc")})
    commands = [
        subprocess.Popen([sys.executable, __file__, folder / str(number)], env=environment | difference)
        for number, difference in enumerate(differences)
    ]
    assert [command.wait() for command in commands] == [0, 0]
    return folder / "0", folder / "1"


def texts(svg_path):
    return [
        " ".join("".join(node.itertext()).split())
        for node in ElementTree.parse(svg_path).iter("{http://www.w3.org/2000/svg}text")
    ]


def drawn_texts(figure, folder):
    style.save(figure, folder / "figure.svg", folder / "figure.png")
    return texts(folder / "figure.svg")


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_two_processes_draw_the_same_bytes(twice_drawn, name, kind):
    first, second = ((folder / f"{name}.{kind}").read_bytes() for folder in twice_drawn)
    assert len(first) > 5000
    assert first == second
    assert b"<dc:date>" not in first
    assert b"CreationDate" not in first
    assert b"/Subtype /Type3" not in first  # outlines in place of a font
    assert f"atplotlib v{matplotlib.__version__}".encode() not in first
    assert b"Matplotlib version" not in first


@pytest.mark.parametrize("name", FIGURES)
def test_svg_holds_title_and_note_as_text(twice_drawn, name):
    _, title, note = FIGURES[name]
    found = texts(twice_drawn[0] / f"{name}.svg")
    assert any(title in text for text in found)
    assert any(note in text for text in found)
    assert any("seed" in text for text in found)


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_figure(name):
    figure = FIGURES[name][0]()
    width, height = figure.get_size_inches()
    with style.paper():
        figure.savefig(io.BytesIO())  # lays the figure out
        box = figure.get_tightbbox()
    assert width == style.WIDTH
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def test_svg_names_fonts_to_fall_back_on(twice_drawn):
    assert "'DejaVu Sans', 'Verdana', 'Arial', sans-serif" in (twice_drawn[0] / "paper_experiment.svg").read_text(
        encoding="utf-8"
    )


def test_other_data_give_other_bytes(tmp_path):
    for name, data in (("one", landscape()), ("other", landscape(after=landscape()["after"] + 1.0))):
        style.save(draw_landscape(data, "after"), tmp_path / f"{name}.svg", tmp_path / f"{name}.png")
    assert (tmp_path / "one.png").read_bytes() != (tmp_path / "other.png").read_bytes()
    assert (tmp_path / "one.svg").read_bytes() != (tmp_path / "other.svg").read_bytes()


def test_figures_need_neither_torch_nor_pyplot():
    modules = sorted(path.stem for path in Path(figures.__file__).parent.glob("*.py") if path.stem != "__init__")
    assert "energy_landscape" in modules
    code = "; ".join(
        [
            "import sys",
            *(f"import weightspace.figures.{module}" for module in modules),
            "print({'torch', 'matplotlib.pyplot'} & set(sys.modules))",
        ]
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "set()"


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
    FIGURES["fig3_gradient_descent"][0]()
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


def test_network_shows_every_weight_and_basin(tmp_path):
    data = small_network(TWO)
    found = drawn_texts(draw_hopfield_network(data), tmp_path)
    weights = data["weights"][np.triu_indices(6, 1)] / 12
    assert sorted(text for text in found if text in ("+0.33", "−0.33")) == sorted(
        style.signed(weight) for weight in weights if weight
    )
    assert [text for text in found if text == "16"] == ["16"] * 4  # four rest states share the 64 states
    assert {"stored 0", "stored 1", "complement of 0", "complement of 1"} <= set(found)


def test_network_labels_each_pair_of_neurons_once(tmp_path):
    weights = np.zeros((6, 6), int)
    weights[np.triu_indices(6, 1)] = np.arange(-7, 8) * 12
    found = drawn_texts(draw_hopfield_network(small_network(TWO) | {"weights": weights + weights.T}), tmp_path)
    assert sorted(text for text in found if text[0] in "+−") == sorted(
        style.signed(weight) for weight in range(-7, 8) if weight
    )


def test_network_names_spurious_states(tmp_path):
    data = small_network(WITH_SPURIOUS)
    assert (data["kind"] == 2).any()
    assert "spurious" in drawn_texts(draw_hopfield_network(data), tmp_path)


def test_network_without_weights_rests_everywhere(tmp_path):
    nothing = {
        "weights": np.zeros((6, 6), int),
        "energy": np.zeros(64),
        "target": np.arange(64),
        "kind": np.full(64, 2, np.int8),
    }
    data = small_network(TWO[:1]) | nothing
    assert any("and 56 more" in text for text in drawn_texts(draw_hopfield_network(data), tmp_path))


def test_both_landscapes_share_axes_view_and_colours():
    data = landscape(after=landscape()["after"] * 3)
    before, after = (draw_landscape(data, when).axes[0] for when in ("before", "after"))
    for view in ("get_xlim", "get_ylim", "get_zlim"):
        assert getattr(before, view)() == getattr(after, view)()
    assert (before.elev, before.azim) == (after.elev, after.azim)
    assert before.collections[0].norm.vmin == after.collections[0].norm.vmin
    lowest, highest = before.get_zlim()
    assert lowest < min(data["before"].min(), data["after"].min())
    assert highest > max(data["before"].max(), data["after"].max())


def test_landscape_drops_lines_to_the_energies_of_the_stored_images():
    data = landscape()
    axes = draw_landscape(data, "after").axes[0]
    marks = [np.array(line.get_data_3d()).ravel() for line in axes.lines if line.get_marker() == "o"]
    assert np.allclose(marks, np.column_stack([data["stored"], data["energy_after"]]))


def test_energy_change_cuts_through_the_surfaces():
    data = landscape()
    axes = draw_energy_change(data, history(), family="iterative").axes[0]
    bits, energy = axes.lines[0].get_data()
    assert list(bits) == sorted(bits)
    assert np.interp([-197, 0, 155], bits, energy) == pytest.approx(data["energy_before"][[2, 0, 1]])


def test_energy_change_needs_lines_through_the_stored_images():
    with pytest.raises(ValueError, match="u values lack 0"):
        draw_energy_change(landscape(u=landscape()["u"] + 0.01), history(), family="iterative")


def test_energy_change_carries_ended_seeds_on():
    figure = draw_energy_change(landscape(), history(passes=(6, 3)), family="iterative")
    shares = figure.axes[2].lines[-1]
    assert len(shares.get_xdata()) == 6
    assert shares.get_ydata()[3:] == pytest.approx([100 * (3 + 0) / 2 / 400, 100 * (1 + 0) / 2 / 400, 0])


@pytest.mark.parametrize("passes", [(6,), (1,)])
def test_energy_change_without_violations(tmp_path, passes):
    figure = draw_energy_change(landscape(), history(passes=passes, violations=(0,) * 6), family="iterative")
    shares = figure.axes[2]
    assert set(shares.lines[-1].get_ydata()) == {0}
    low, high = shares.get_ylim()
    assert low < 0 < high
    assert "0" in drawn_texts(figure, tmp_path)


def test_energy_change_labels_the_threshold(tmp_path):
    assert "2 · margin = 5" in drawn_texts(
        draw_energy_change(landscape(margin=np.array(2.5)), history(), family="iterative"), tmp_path
    )


def test_descent_shows_true_loss_at_both_ends(tmp_path):
    data = descent()
    found = drawn_texts(draw_gradient_descent(data), tmp_path)
    assert {f"start: {data['path_loss'][0]:.2f}", f"end: {data['path_loss'][-1]:.2f}", "RMS error"} <= set(found)
    assert any("95.0 % of the path's variance" in text or "holds 95.0 %" in text for text in found)


def test_descent_that_does_not_move(tmp_path):
    data = descent()
    data["path"] = np.zeros_like(data["path"])
    assert any(text.startswith("start") for text in drawn_texts(draw_gradient_descent(data), tmp_path))


def test_examples_mark_wrong_answers_and_none(tmp_path):
    data = examples()
    found = drawn_texts(draw_adversarial_examples(data), tmp_path)
    answers = [name for name in data if name.startswith(("network_", "memory_"))]
    wrong = sum(int((data[name] != data["label"]).sum()) for name in answers)
    assert sum(text.endswith(" ✗") for text in found) == wrong == 7
    assert found.count("none ✗") == 3
    assert {f"{flipped} bits flip" for flipped in data["flipped_bits"]} <= set(found)


def test_examples_draw_the_change_on_its_stated_scale():
    data = examples()
    image = draw_adversarial_examples(data).axes[1].images[0]
    assert image.get_clim() == (-0.2, 0.2)
    assert np.allclose(image.get_array().ravel(), (data["adversarial"][0].astype(float) - data["clean"][0]) / 255)


def test_paper_experiment_draws_the_tables_intervals():
    table = paper_table()
    figure = draw_paper_experiment(table, **PAPER)
    panel = next(axes for axes in figure.axes if axes.get_title() == "attacked: test images")
    spans = {
        (round(float(x[0]), 3), round(float(x[1]), 3))
        for x in (line.get_xdata() for line in panel.lines)
        if len(x) == 2
    }
    wanted = table[(table["source"] == "test") & (table["quantity"] != "difference")]
    assert {(round(low, 3), round(high, 3)) for low, high in zip(wanted["low"], wanted["high"], strict=True)} <= spans
    colours = [line.get_color() for line in panel.lines if line.get_marker() == "o"]
    for memory in set(table["memory"]):
        assert any(same_color(colour, style.model_colour(memory, memory.split("_")[0])) for colour in colours)


def test_paper_experiment_with_one_source_only(tmp_path):
    table = paper_table()
    found = drawn_texts(draw_paper_experiment(table[table["source"] == "stored"], **PAPER, readout="exact"), tmp_path)
    assert "attacked: stored images" in found
    assert "attacked: test images" not in found


def test_paper_experiment_refuses_rows_it_cannot_choose():
    with pytest.raises(ValueError, match="no row for network tanh_mlp_grey, attack fgsm"):
        draw_paper_experiment(paper_table(), **(PAPER | {"attack": "fgsm"}))
    with pytest.raises(ValueError, match="several rows for hebbian_40, test, adversarial"):
        draw_paper_experiment(pd.concat([paper_table(), paper_table()]), **PAPER)


if __name__ == "__main__":
    draw_all(sys.argv[1])


def test_the_last_digits_of_the_layout_leave_no_trace_in_an_svg(tmp_path):
    for name, nudge in (("a", 0.0), ("b", 1e-15)):
        figure = Figure(figsize=(2, 2))
        for left in (0.1, 0.6):
            figure.add_axes((left + nudge, 0.1, 0.3, 0.8)).plot([0, 1])
        style.save(figure, tmp_path / f"{name}.svg", tmp_path / f"{name}.png")
    svg = (tmp_path / "a.svg").read_text()
    assert svg == (tmp_path / "b.svg").read_text()
    assert set(re.findall(r"url\(#(\w+)\)", svg)) == set(re.findall(r'<clipPath id="(\w+)"', svg)) == {"clip0", "clip1"}
