"""The paragraph on the weight space names the numbers."""

import pandas as pd

from weightspace.report.about_weight_space import paragraph


def test_paragraph_names_the_numbers():
    numbers = {"estimate": -12.0, "low": -13.0, "high": -11.0, "n": 4, "seeds": 4}
    head = {"gain": 1.0, "draw": "0", "method": "simulation"}
    volumes = pd.DataFrame([{**head, "quantity": name, **numbers} for name in ("W_e", "W_g")])
    partition = pd.DataFrame(
        [
            {
                "model": "perceptron",
                "weights": 25,
                "task": "teacher",
                "patterns": 40,
                "class": "exact",
                **numbers,
                "estimate": 0.1,
            }
        ]
    )
    quantities = ("angle", "log10_cone_and_copies")
    others = ("training", "adversarial_and_irrelevant")
    cell = {"labelling": "model", "start": "independent", "group": "training"}
    found = pd.DataFrame(
        [{**cell, "other": other, "quantity": quantity, **numbers} for other in others for quantity in quantities]
    )
    levels = pd.DataFrame(
        [
            {"arc": arc, "quantity": "ordered", **numbers, "estimate": 0.5, "low": 0.4, "high": 0.6}
            for arc in ("quarter", "half")
        ]
    )
    text = paragraph(volumes, partition, found, levels, pd.DataFrame([{"quantity": "slope", **numbers}]))
    for expected in ("10^-12.0", "40 (teacher)", "50 (40 to 60) %", "to the power -12.00"):
        assert expected in text
