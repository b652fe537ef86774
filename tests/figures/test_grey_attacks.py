"""Figures and the report's paragraph on attacks, from tables made up by hand: nothing leaves the page, and the numbers
are the tables'.
"""

import io
import itertools
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from weightspace.figures import style
from weightspace.figures.ensemble_transfer import draw_ensemble_transfer
from weightspace.figures.error_by_budget import draw_error_by_budget
from weightspace.figures.transfer_matrix import draw_transfer_matrix
from weightspace.report.about_grey_attacks import paragraph

RULES = {
    "tanh_mlp": "feedforward",
    "recurrent": "recurrent",
    "iterative_40_margin_0": "hopfield",
    "nearest_neighbour_2000": "nearest_neighbour",
}
INTERVAL = {"n": 500, "seeds": 5}


def estimates(rows):
    frame = pd.DataFrame(rows)
    return frame.assign(low=frame["estimate"] - 0.02, high=frame["estimate"] + 0.02, **INTERVAL)


def attacks_table(networks=("tanh_mlp", "conv", "recurrent")):
    rows = []
    for network, (attack, budget), answer in itertools.product(
        networks,
        [("clean", 0.0), ("pgd", 0.1), ("pgd", 0.3), ("square", 0.1), ("noise", 0.1), ("noise", 0.3)],
        ["grey", "binarised"],
    ):
        row = {
            "network": network,
            "attack": attack,
            "budget": budget,
            "answer": answer,
            "images": "all",
            "quantity": "error",
        }
        rows.append(row | {"estimate": 0.05 + 3 * budget * (attack == "pgd")})
    return estimates(rows)


def transfer_table():
    rows = []
    for target, source in itertools.product(RULES, ["tanh_mlp", "recurrent", "together", "none"]):
        ways = (
            ["grey", "binarised"]
            if RULES[target] in ("feedforward", "recurrent")
            else ["nearest"]
            if "iterative" in target
            else ["binarised"]
        )
        attack = {"together": "mi_fgsm", "none": "noise"}.get(source, "pgd")
        for way, quantity in itertools.product(ways, ["error", "minus_clean", "minus_noise"]):
            row = {
                "source": source,
                "attack": attack,
                "budget": 0.3,
                "target": target,
                "answer": way,
                "images": "all",
                "quantity": quantity,
            }
            rows.append(row | {"estimate": {"error": 0.6, "minus_clean": 0.25, "minus_noise": 0.2}[quantity]})
    return estimates(rows)


def ensembles_table():
    rows = [
        {
            "held_out": rule,
            "source": source,
            "attack": "mi_fgsm",
            "budget": 0.3,
            "quantity": "net",
            "estimate": 0.1 * place + 0.05 * row,
        }
        for row, rule in enumerate(["recurrent", "dense", "least"])
        for place, source in enumerate(["leave_one_out", "deep_networks", "relu_mlp", "conv"])
    ]
    return estimates(rows)


def matrix():
    return draw_transfer_matrix(
        transfer_table(), attack="pgd", ensemble_attack="mi_fgsm", noise="noise", budget=0.3, rules=RULES
    )


FIGURES = {
    "error_by_budget": lambda: draw_error_by_budget(
        attacks_table(), shown=["pgd", "square", "absent"], strongest="pgd"
    ),
    "transfer_matrix": matrix,
    "ensemble_transfer": lambda: draw_ensemble_transfer(ensembles_table(), attack="mi_fgsm", budget=0.3),
}


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_figure_and_seeds_are_named(tmp_path, name):
    figure = FIGURES[name]()
    with style.paper():
        figure.savefig(io.BytesIO())  # lays the figure out
        box = figure.get_tightbbox()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= style.WIDTH
    style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")
    texts = [
        " ".join("".join(node.itertext()).split())
        for node in ElementTree.parse(tmp_path / "a.svg").iter("{http://www.w3.org/2000/svg}text")
    ]
    assert any("5 seeds" in text for text in texts)
    assert any("n = 500" in text for text in texts)


def test_the_matrix_shows_errors_and_takes_clean_ones_from_the_same_images():
    picture = np.asarray(matrix().axes[0].images[0].get_array())
    assert picture.shape == (
        5,
        6,
    )  # clean, noise, two networks, one ensemble; two networks twice, a memory and a control
    assert picture[0] == pytest.approx(0.6 - 0.25)
    assert picture[1:] == pytest.approx(0.6)


def test_error_by_budget_starts_at_the_clean_error():
    panel = next(
        axes for axes in draw_error_by_budget(attacks_table(), shown=["pgd"], strongest="pgd").axes if axes.lines
    )
    curves = [np.array(line.get_xydata()) for line in panel.lines]
    assert all(curve[0].tolist() == [0, 0.05] for curve in curves)
    assert curves[0][:, 1] == pytest.approx([0.05, 0.35, 0.95])


def test_paragraph_says_the_tables_numbers_and_what_is_missing():
    cell = {
        "network": "tanh_mlp",
        "attack": "pgd",
        "budget": 0.3,
        "memory": "iterative_40_margin_0",
        "readout": "nearest",
        "quantity": "adversarial",
    }
    experiment = estimates([{**cell, "source": "test", "estimate": 0.7}])
    text = paragraph(
        transfer_table(), experiment, network="tanh_mlp", attack="pgd", budget=0.3, memory="iterative_40_margin_0"
    )
    assert "misclassifies 0.600 [0.580, 0.620] of the attacked images" in text
    assert "to the same images clean, 0.250 [0.230, 0.270]" in text
    assert "0.700 [0.680, 0.720]" in text
    assert "(not in this run)" in text  # stored images
