"""Attacks on models of which the truth is known."""

import pandas as pd
from grey_attack_data import SHIPPED

from weightspace.robustness import checks, probes


def test_shipped_attacks_find_all_within_the_margin_of_a_linear_model_and_nothing_beyond():
    rows = pd.DataFrame(probes.probe_linear(SHIPPED, seed=0))
    assert set(rows.subject) == set(SHIPPED)
    assert (rows.verdict == checks.PASSED).all(), rows[rows.verdict != checks.PASSED].sentence.tolist()


def test_a_mask_does_not_save_a_network_from_attacks_without_gradients(module, images):
    """The bar is what gradients reach without the mask, so that it holds for images on which no attack reaches
    everything.
    """
    attacks = {name: SHIPPED[name] for name in ("pgd", "square")}
    found_out, broken = probes.probe_masked(module, *images, attacks, seed=0)
    assert (found_out["verdict"], broken["verdict"]) == (checks.PASSED, checks.PASSED)
    narrow = attacks | {"square": SHIPPED["square"] | {"budgets": [0.02]}}
    weak = probes.probe_masked(module, *images, narrow, seed=0)[1]
    assert weak["verdict"] == checks.WARNING
    assert 0.5 < weak["value"] < 0.9
    # Behind the mask a step along the gradient goes nowhere.
    blind = probes.probe_masked(module, *images, {"fgsm": SHIPPED["fgsm"]}, seed=0)[1]
    assert (blind["verdict"], blind["value"]) == (checks.FAILED, 0)
    assert "reach 1 without the mask, is 0" in blind["sentence"]
