"""Images of any kind: what the shipped files set is lowered to what they allow, what the user sets is refused, and
either is known before any job.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from own_data import noise
from refusals import refusal

from weightspace.configuration.checks import check_config, fitted_config
from weightspace.configuration.choices import load_configuration, with_lists
from weightspace.configuration.images import Images, known_images, limits
from weightspace.configuration.reading import CATALOGUE, EXPERIMENT, is_shipped, merged, read_yaml
from weightspace.place import ROOT
from weightspace.plan import Plan

SMALL = ROOT / "tests/config.yaml"
SHIPPED = {path: [read_yaml(file) for file in (CATALOGUE, EXPERIMENT, *path)] for path in ((), (SMALL,))}


def of_own(arrays, folder, *, laid_over=(), **own):
    """What a run of one's own images would be told, and the plan that it would have."""
    np.savez(folder / "mine.npz", **arrays)
    own = {"dataset": {"name": "mine", "file": "mine.npz"}} | own
    config, lowered = fitted_config(with_lists(merged([*SHIPPED[laid_over], own])), own, folder)
    return Plan(config), lowered


@pytest.mark.parametrize("laid_over", SHIPPED)
def test_nothing_is_lowered_for_mnist(laid_over):
    config = with_lists(merged(SHIPPED[laid_over]))
    assert fitted_config(config, {}) == (config, [])


def test_the_projects_own_files_are_known(tmp_path):
    assert is_shipped(SMALL)
    assert not is_shipped(tmp_path / "config.yaml")


def test_what_8_x_8_pixels_do_not_allow_is_left_out_and_said(tmp_path):
    plan, lowered = of_own(noise((8, 8), 10, train=1400, test=397), tmp_path, seeds=3)
    assert plan.config["basins"]["distances"] == [0, 5, 10, 20, 40]
    assert plan.config["pattern_space"]["digits"]["5x5"]["crop"] == 1
    assert plan.config["controls"]["nearest_neighbour_2000"]["patterns"] == 1400
    assert "pattern_space.shown.far is without 80, 160: at most 64, the pixels of mine, 8 x 8" in lowered
    assert (
        "binary_attacks.search.among is 397 instead of 600: at most 397, the number of test images of mine" in lowered
    )


def test_two_classes_and_few_images(tmp_path):
    plan, lowered = of_own(noise((12, 9), 2, train=300, test=200), tmp_path)
    assert {len(digits["classes"]) for digits in plan.config["pattern_space"]["digits"].values()} == {2}
    assert plan.config["weight_space"]["loss_levels"]["held_out"] == 100  # beside 200 that are learnt
    assert plan.config["adversarial"]["test_images"] == 200
    assert len(lowered) > 15
    check_config(plan.config, tmp_path)  # what was lowered is allowed


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (
            {"basins": {"distances": [0, 80]}},
            "basins.distances[1] is 80; allowed: at most 64, the pixels of mine, 8 x 8",
        ),
        (
            {"pattern_space": {"digits": {"4x4": {"crop": 3}}}},
            "pattern_space.digits.4x4.crop is 3; allowed: at most 2, what leaves 4 x 4 pixels of 8 x 8",
        ),
        (
            {"attacks": {"pgd_l2": {"budgets": [1, 9]}}},
            "attacks.pgd_l2.budgets[1] is 9; allowed: at most 8, the length",
        ),
        (
            {"pattern_space": {"digits": {"4x4": {"classes": [2, 3]}}}},
            "pattern_space.digits.4x4.classes[1] is 3; allowed: at most 2, the last label of mine",
        ),
        ({"ordering": {"images": 700}}, "ordering.images is 700; allowed: at most 600, the number of training images"),
        (
            {"attractors": {"digits": [9, 2]}},
            "attractors.digits[0] is 9; allowed: at most 8, the height (pixels) of mine",
        ),
        (
            {"attacks": {"fgsm": {"budgets": [0.003]}}},
            "attacks.fgsm.budgets[0] is 0.003; allowed: 0.00393 or more, one",
        ),
    ],
)
def test_what_the_user_sets_is_refused(tmp_path, own, sentence):
    def told(config_of):
        of_own(noise((8, 8), 3, train=600, test=200), tmp_path, **config_of)

    assert sentence in refusal(told, own)


def test_budgets_that_whole_grey_levels_do_not_fill_are_said(tmp_path):
    budgets = [2 / 255, 0.0078, 0.031, 0.3]
    attacks = {name: {"budgets": budgets} for name in ("fgsm", "pgd", "mi_fgsm", "noise", "apgd_dlr")}
    _, said = of_own(
        noise((28, 28), 10, train=6000, test=1000), tmp_path, attacks=attacks, paper_experiment={"budget": 0.0078}
    )
    assert [line for line in said if "attacks.pgd." in line] == [
        "attacks.pgd.budgets: 0.0078 is 1.99 grey levels of 255 and works as 1; for 2 write 0.00785",
        "attacks.pgd.budgets: 0.031 is 7.91 grey levels of 255 and works as 7; for 8 write 0.03138",
    ]


def test_every_number_of_images_pixels_or_classes_has_its_limit():
    # Of images that allow nothing, nothing that is as large as MNIST has it may stay.
    config = load_configuration()
    tiny = Images("tiny", 1, 1, (1, 1), 2)
    limited = {".".join(map(str, limit.path)) for limit in limits(config, tiny)}
    assert len(limited) > 60
    assert known_images(config["dataset"], ".") == Images("mnist", 60000, 10000, (28, 28), 10)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.tuples(st.integers(1, 64), st.integers(1, 64)),
    classes=st.integers(1, 18),
    train=st.integers(50, 1000),
    test=st.integers(10, 500),
    levels=st.sampled_from([2, 16, 129, 256]),
    gap=st.booleans(),
    laid_over=st.sampled_from(list(SHIPPED)),
)
def test_any_images_are_taken_or_refused_in_one_sentence(tmp_path, shape, classes, train, test, levels, gap, laid_over):
    arrays = noise(shape, classes, train=train, test=test, levels=levels)
    arrays["train_labels"] = arrays["train_labels"] + (gap & (arrays["train_labels"] > 0))
    fit = min(shape) >= 5 and 2 <= classes <= 16 and train >= 100 and test >= 20 and levels > 128 and not gap
    fit = fit and train >= 4 * classes
    if not fit:
        refusal(lambda: of_own(arrays, tmp_path, laid_over=laid_over))
        return
    plan, lowered = of_own(arrays, tmp_path, laid_over=laid_over)
    assert all(line.isprintable() for line in lowered)
    assert len(plan.figure_files("svg")) > 20
    assert plan.shell_settings()["radius"] <= shape[0] * shape[1]
