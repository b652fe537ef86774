"""Figures: the same bytes for the same data, text as text, and no colour, font or date of the machine that draws.

Run as a script, ``python test_every_figure.py FOLDER`` draws all figures into a folder: the tests do so in processes of
their own.
"""

import io
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from figure_data import PAPER, TWO, descent, examples, history, landscape, paper_table, small_network, texts

from weightspace import figures
from weightspace.figures import style
from weightspace.figures.adversarial_examples import draw_adversarial_examples
from weightspace.figures.energy_landscape import draw_energy_change, draw_landscape
from weightspace.figures.gradient_descent import draw_gradient_descent
from weightspace.figures.hopfield_network import draw_hopfield_network
from weightspace.figures.paper_experiment import draw_paper_experiment

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


if __name__ == "__main__":
    draw_all(sys.argv[1])
