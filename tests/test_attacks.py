"""Attacks: closed forms, budgets and schedules; pairing with clean images and noise; and faults that are planted and
must be caught.
"""

import re
from pathlib import Path

import foolbox
import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from hypothesis import given
from hypothesis import strategies as st

from weightspace.attacks import gradient_attacks, grey_attacks, grey_methods, losses, surrogates
from weightspace.attacks.adversarial_files import SIZES, AdversarialImages
from weightspace.attacks.surrogates import Ensemble, attackable
from weightspace.configuration.choices import load_configuration
from weightspace.classifier import Classifier
from weightspace.files import FileError
from weightspace.memories import quadratic_rules
from weightspace.memories.dense import DenseMemory
from weightspace.memories.dense_energy import Interaction
from weightspace.memories.memory import Memory
from weightspace.networks import architectures
from weightspace.networks.training import evaluate, root_mean_square_error
from weightspace.robustness import (
    checks,
    error_by_budget,
    grey_checks,
    loss_ascent,
    paired_errors,
    probes,
    scoring,
    transfer,
)

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = load_configuration()["attacks"]
SHIPPED = {name: definition for name, definition in DEFINITIONS.items() if definition["knowledge"] != "none"}


@pytest.fixture(scope="module")
def module():
    """A small network of random weights on 8 x 8 pixels."""
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 5))
    with torch.no_grad():
        layers[2].weight *= 10
    return surrogates.frozen(layers)


@pytest.fixture(scope="module")
def images(module):
    """Grey levels away from black and white, with the network's own answers as labels."""
    grey = np.random.default_rng(1).integers(60, 196, (80, 64)).astype(np.uint8)
    return grey, module(torch.as_tensor(grey / np.float32(255))).argmax(1).numpy()


# --- attacks
# ---------------------------------------------------------------------------------------


def test_shipped_attacks_find_all_within_the_margin_of_a_linear_model_and_nothing_beyond():
    rows = pd.DataFrame(probes.probe_linear(SHIPPED, seed=0))
    assert set(rows.subject) == set(SHIPPED)
    assert (rows.verdict == checks.PASSED).all(), rows[rows.verdict != checks.PASSED].sentence.tolist()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_images_keep_their_budget_and_are_repeatable(module, images, name):
    definition = (
        DEFINITIONS[name]
        | ({"queries": 50} if name == "square" else {})
        | ({"steps": 3} if name == "hop_skip_jump" else {})
    )
    found = grey_attacks.craft(module, *images, definition, seed=3)
    assert found.dtype == np.uint8
    for budget, attacked in zip(definition["budgets"], found, strict=True):
        assert SIZES[definition["norm"]](attacked.astype(np.int16) - images[0]).max() <= budget + 1e-9
    assert (found == grey_attacks.craft(module, *images, definition, seed=3)).all()


def test_more_restarts_never_lower_a_margin(module, images):
    definition = DEFINITIONS["pgd"] | {"budgets": [0.02], "steps": 3, "step_size": 0.3}
    targets = torch.as_tensor(images[1])

    def margin(restarts):
        found = grey_attacks.craft(module, *images, definition | {"restarts": restarts}, seed=0)[0]
        return losses.margins(module(torch.as_tensor(found / np.float32(255))), targets)

    one, five = margin(1), margin(5)
    assert (five >= one).all()
    assert (five > one).any()


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["linf", "l2"]),
    st.floats(0.001, 1.5),
)
def test_rounding_never_exceeds_the_budget_and_keeps_near(seed, norm, budget):
    generator = np.random.default_rng(seed)
    clean = generator.integers(0, 256, (5, 30)).astype(np.uint8)
    wished = np.clip(clean / 255 + generator.normal(0, budget, clean.shape), 0, 1)
    found = grey_attacks.rounded(wished, clean, budget, norm)
    assert (SIZES[norm](found.astype(np.int16) - clean) <= budget + 1e-9).all()
    within = SIZES[norm](wished * 255 - clean) <= budget - 1 / 255 * (30**0.5)
    assert np.abs(found[within] - wished[within] * 255).max(initial=0) < 1.001


def test_noise_is_of_the_budgets_size_and_has_nothing_to_do_with_the_label(images):
    grey, labels = images
    for name in ("noise", "noise_l2"):
        definition = DEFINITIONS[name]
        found = grey_attacks.craft(None, grey, labels, definition, seed=0)
        for budget, noisy in zip(definition["budgets"], found, strict=True):
            assert np.median(SIZES[definition["norm"]](noisy.astype(np.int16) - grey)) > 0.95 * budget
        assert (found == grey_attacks.craft(None, grey, 0 * labels, definition, seed=0)).all()


def test_auto_pgd_has_the_papers_checkpoints_and_loss():
    assert gradient_attacks.checkpoints(100) == [22, 41, 57, 70, 80, 87, 93, 99]  # Croce & Hein (2020), N = 100
    logits, labels = torch.tensor([[3.0, 1.0, -1.0, 0.0], [0.0, 5.0, 1.0, 2.0]]), torch.tensor([0, 3])
    assert losses.difference_of_logits_ratio(logits, labels).tolist() == pytest.approx(
        [-(3 - 1) / (3 - 0), -(2 - 5) / (5 - 1)]
    )
    assert losses.difference_of_logits_ratio(7 * logits, labels).tolist() == pytest.approx(
        losses.difference_of_logits_ratio(logits, labels).tolist()
    )


def test_square_attacks_squares_shrink_as_in_the_paper():
    shares = [grey_methods.share_of_pixels(query, 10_000, 0.8) for query in (5, 11, 51, 201, 501, 9000)]
    assert shares == [0.8, 0.4, 0.2, 0.1, 0.05, 0.8 / 2**9]


def test_iterative_attacks_beat_one_step_and_momentum_matches_foolbox(module, images):
    errors = {}
    for name in ("fgsm", "mi_fgsm", "pgd", "apgd_ce"):
        found = grey_attacks.craft(module, *images, SHIPPED[name] | {"budgets": [0.05]}, seed=0)[0]
        errors[name] = (module(torch.as_tensor(found / np.float32(255))).argmax(1).numpy() != images[1]).mean()
    assert errors["fgsm"] <= min(errors["pgd"], errors["apgd_ce"]) + 1e-9
    independent = foolbox.attacks.LinfMomentumIterativeFastGradientMethod(momentum=1.0, rel_stepsize=0.1, steps=10)
    grey = torch.as_tensor(images[0] / np.float32(255))
    theirs = grey_methods._foolbox(independent, module, grey, torch.as_tensor(images[1]), epsilon=0.05)
    mine = gradient_attacks.momentum_iterative(module, grey, torch.as_tensor(images[1]), 0.05, SHIPPED["mi_fgsm"])
    assert (
        torch.isclose(mine, theirs, atol=1e-5)
    ).float().mean() > 0.95  # else the sum of gradients is next to 0, and its sign rounding's


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_projected_gradient_descent_is_foolboxs(module, images, norm):
    """An independent implementation, from another random start, raises the loss as far and misleads as many."""
    kinds = {
        "linf": foolbox.attacks.LinfProjectedGradientDescentAttack,
        "l2": foolbox.attacks.L2ProjectedGradientDescentAttack,
    }
    budget = {"linf": 0.03, "l2": 0.2}[norm]
    grey, labels = torch.as_tensor(images[0] / np.float32(255)), torch.as_tensor(images[1])
    theirs = grey_methods._foolbox(kinds[norm](rel_stepsize=0.05, steps=40), module, grey, labels, epsilon=budget)
    mine = gradient_attacks.projected_gradient_descent(
        module, grey, labels, budget, {"norm": norm, "step_size": 0.05, "steps": 40}
    )
    loss = [torch.nn.functional.cross_entropy(module(attacked), labels).item() for attacked in (grey, theirs, mine)]
    assert loss[2] - loss[0] == pytest.approx(loss[1] - loss[0], rel=0.02)
    errors = [(module(attacked).argmax(1) != labels).float().mean().item() for attacked in (theirs, mine)]
    assert 0.1 < errors[0] < 1
    assert abs(errors[0] - errors[1]) <= 0.025


def test_an_attack_of_ones_own_is_one_function_and_one_entry(tmp_path, module, images):
    text = (ROOT / "docs/extending.md").read_text(encoding="utf-8").split("## An attack")[1].split("\n## ")[0]
    code, entry = (
        re.search(r"```python\n(.*?)```", text, re.S)[1],
        yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.S)[1]),
    )
    (tmp_path / "my_attack.py").write_text(code, encoding="utf-8")
    definition = entry["attacks"]["halving"] | {"file": str(tmp_path / "my_attack.py")}
    found = grey_attacks.craft(module, *images, definition, seed=0)
    assert (module(torch.as_tensor(found[1] / np.float32(255))).argmax(1).numpy() != images[1]).mean() > 0.9
    rows = probes.probe_linear({"halving": definition}, seed=0)
    assert {row["verdict"] for row in rows} == {checks.PASSED}


# --- surrogates and ensembles
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "interaction", [Interaction("polynomial", 3), Interaction("polynomial", 20), Interaction("exponential")]
)
def test_a_dense_memorys_logits_are_its_energy_by_class(interaction):
    generator = np.random.default_rng(0)
    patterns = (2 * generator.integers(0, 2, (12, 40)) - 1).astype(np.int8)
    labels = np.arange(12) % 3
    memory = DenseMemory(patterns, labels, np.arange(12), interaction, {})
    states = patterns[:5].copy()
    states[:, :6] *= -1
    overlaps = states.astype(float) @ patterns.T.astype(float)
    terms = (
        np.exp(overlaps) if interaction.energy == "exponential" else np.maximum(overlaps, 1e-3) ** interaction.exponent
    )
    expected = np.log(np.stack([terms[:, labels == value].sum(1) for value in range(3)], axis=1))
    surrogate = attackable(memory)
    grey = torch.as_tensor((states + 1) / 2, dtype=torch.float32)
    assert surrogate(grey).numpy() == pytest.approx(expected, rel=1e-4, abs=1e-4)
    gradient = losses.loss_gradient(surrogate, grey.clamp(0.1, 0.9), torch.as_tensor(labels[:5]))
    assert torch.isfinite(gradient).all()


def test_memories_of_sign_rules_have_no_gradient():
    patterns = np.ones((1, 4), dtype=np.int8)
    memory = Memory(quadratic_rules.hebbian(patterns), patterns, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), {})
    with pytest.raises(TypeError, match="a Memory has no gradient; gradient attacks take networks and dense memories"):
        attackable(memory)


def test_an_ensemble_weighs_its_members_alike_whatever_the_scale_of_their_logits(module, images):
    grey = torch.as_tensor(images[0] / np.float32(255))

    class Louder(torch.nn.Module):
        def forward(self, inputs):
            return 1000 * module(inputs)

    both = Ensemble([module, Louder()], grey)(grey)
    assert torch.allclose(both, module(grey) / module(grey).std(dim=1).mean(), rtol=1e-4)


# --- pairing
# ---------------------------------------------------------------------------------------


def score_rows(cells, label=1):
    """Scores in long form from {(attack, source, budget, answer): predictions}."""
    parts = []
    for (attack, source, budget, answer), predicted in cells.items():
        rank = np.arange(len(predicted))
        parts.append(
            pd.DataFrame(
                {
                    "split": "test",
                    "rank": rank,
                    "label": label,
                    "budget": budget,
                    "answer": answer,
                    "predicted": predicted,
                }
            )
        )
        parts[-1] = parts[-1].assign(attack=attack, network=source)
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def scores():
    """Four images: one wrong when clean, one misled by the attack alone, one by noise as well, one never."""
    clean = [0, 1, 1, 1]
    return score_rows(
        {
            ("pgd", "net", 0.0, "grey"): clean,
            ("pgd", "net", 0.1, "grey"): [1, 2, 2, 1],
            ("noise", "none", 0.0, "grey"): clean,
            ("noise", "none", 0.1, "grey"): [0, 1, 3, 1],
        }
    )


class Counting(Classifier):
    """A classifier that answers by the sum of the grey levels and the number of white pixels, and counts what it is
    asked.
    """

    asked = 0

    def answers(self, grey, patterns):
        self.asked += len(grey)
        return {"grey": grey.sum(1, dtype=np.int64) % 10, "binarised": (patterns > 0).sum(1) % 10}


def test_a_clean_image_is_answered_once_for_all_files():
    grey = np.random.default_rng(0).integers(0, 256, (6, 9)).astype(np.uint8)

    def file(chosen):
        clean, count = grey[chosen], len(chosen)
        where = {
            "split": np.zeros(count, dtype=np.uint8),
            "index": np.array(chosen),
            "label": np.zeros(count, dtype=np.int64),
        }
        return AdversarialImages(**where, clean=clean, adversarial=(clean // 2)[None], budget=np.array([0.5]))

    remembering, plain, known = Counting(), Counting(), {}
    for chosen in ([0, 1, 2, 3], [2, 5, 0], [5]):
        pd.testing.assert_frame_equal(
            scoring.score_images(remembering, file(chosen), 0.5, known=known),
            scoring.score_images(plain, file(chosen), 0.5),
        )
    assert (remembering.asked, plain.asked) == (4 + 4 + 3 + 1 + 1, 16)


def test_counts_are_paired_by_image(tmp_path, scores):
    scoring.write_scores(tmp_path / "a.npz", scores)
    outcomes = paired_errors.PairedErrors(scoring.read_scores(tmp_path / "a.npz"))
    everything = np.ones(4, dtype=bool)
    found = paired_errors.count_cell(outcomes, ("net", "pgd", 0.1, "grey"), "noise", everything)
    assert found == dict(zip(paired_errors.COUNTS, (4, 2, 2, 1, 4, 2, 1, 1), strict=True))
    right = paired_errors.count_cell(outcomes, ("net", "pgd", 0.1, "grey"), "noise", outcomes.right_when_clean("grey"))
    assert right == dict(zip(paired_errors.COUNTS, (3, 2, 2, 0, 3, 1, 1, 0), strict=True))
    alone = paired_errors.count_cell(outcomes, ("net", "pgd", 0.1, "grey"), None, everything)
    assert alone["n_noise"] == 0


def test_tables_of_attacks_have_a_row_for_each_quantity(scores):
    counts = pd.concat(
        [error_by_budget.count_network(scores, "net", {"pgd": "noise"}).assign(seed=seed) for seed in (0, 1)]
    )
    table = error_by_budget.errors_table(counts).set_index(["attack", "budget", "images", "quantity"]).estimate
    assert table["pgd", 0.1, "right_clean", "error"] == pytest.approx(2 / 3)
    assert table["pgd", 0.1, "right_clean", "minus_noise"] == pytest.approx(1 / 3)
    assert table["pgd", 0.1, "all", "minus_clean"] == pytest.approx(1 / 4)
    assert table["clean", 0.0, "all", "error"] == 0.25
    assert table["noise", 0.1, "all", "error"] == 0.5


def test_smallest_budgets_and_their_quantiles():
    cells = {
        ("pgd", "net", 0.0, "grey"): [1] * 4,
        ("pgd", "net", 0.1, "grey"): [2, 1, 1, 1],
        ("pgd", "net", 0.3, "grey"): [1, 2, 2, 1],
    }
    (found,) = error_by_budget.smallest_budgets(score_rows(cells), "net").values()
    assert found.tolist() == [0.1, 0.3, 0.3, np.inf]
    values = np.random.default_rng(0).normal(size=1001)
    median = next(row for row in error_by_budget.quantile_rows([values[:400], values[400:]]) if row["quantile"] == 0.5)
    assert median["estimate"] == np.median(values)
    assert median["low"] < median["estimate"] < median["high"]
    ordered = np.sort(values)
    ranks = [int(np.flatnonzero(ordered == median[end])[0]) for end in ("low", "high")]
    assert ranks == [469, 531]  # 500 -+ 1.96 · √1001 / 2, of order statistics from 0


def test_ensembles_are_judged_on_rules_that_they_do_not_hold():
    ensembles = {
        "deep_networks": {"members": ["a", "b"], "held_out": []},
        "without_x": {"members": ["a", "y"], "held_out": ["x"]},
        "without_y": {"members": ["a", "x"], "held_out": ["y"]},
    }
    rules = {"a": "feedforward", "b": "feedforward", "x": "dense", "y": "hopfield"}
    success = {
        ("without_x", "x"): 0.5,
        ("without_y", "y"): 0.3,
        ("deep_networks", "x"): 0.2,
        ("deep_networks", "y"): 0.25,
        ("a", "x"): 0.1,
        ("a", "y"): 0.4,
    }
    success |= {("x", "x"): 1.0, ("x", "y"): 0.35, ("without_y", "x"): 0.9}
    rows = [
        {
            "source": source,
            "attack": "mi",
            "budget": 0.3,
            "target": target,
            "rule": rules[target],
            "seed": seed,
            "net": net + 0.01 * seed,
            "n_noise": 9,
        }
        for (source, target), net in success.items()
        for seed in (0, 1)
    ]
    table = (
        transfer.held_out_success(pd.DataFrame(rows), ensembles, rules)
        .set_index(["held_out", "source", "quantity"])
        .estimate
    )
    assert table["dense", "leave_one_out", "net"] == pytest.approx(0.505)
    assert table["least", "leave_one_out", "net"] == pytest.approx(0.305)
    assert table["least", "deep_networks", "net"] == pytest.approx(0.205)
    assert ("dense", "x", "net") not in table.index  # it holds that rule itself
    assert table["least", "leave_one_out", "minus_deep_networks"] == pytest.approx(0.1)
    assert table["least", "leave_one_out", "minus_best_single"] == pytest.approx(
        0.3 - 0.35
    )  # x, over the one rule that both leave out


# --- planted faults
# ---------------------------------------------------------------------------------------


def file_of(module, images, definition, *, claimed=None):
    found = grey_attacks.craft(module, *images, definition, seed=0)
    budgets = np.array(claimed or definition["budgets"], dtype=float)
    grey, labels = images
    return AdversarialImages(
        np.zeros(len(grey), np.uint8), np.arange(len(grey)), labels, grey, found, budgets, "grey", definition["norm"]
    )


def failed(rows):
    return [row["check"] for row in rows if row["verdict"] == checks.FAILED]


def test_honest_images_pass(module, images):
    assert failed(grey_checks.check_images([("pgd", "net", file_of(module, images, SHIPPED["pgd"]))], minimal=())) == []


def test_a_clamped_budget_is_caught(module, images):
    clamped = file_of(module, images, SHIPPED["pgd"] | {"budgets": [0.05]}, claimed=[0.3])
    assert failed(grey_checks.check_images([("pgd", "net", clamped)], minimal=())) == ["budget used in full"]


def test_an_attack_that_stops_at_the_first_success_is_caught(module, images, monkeypatch):
    def stopping(module, images, labels, budget, definition):
        attacked = images.clone()
        for _ in range(40):
            going = losses.margins(module(attacked), labels) <= 0
            step = losses.loss_gradient(module, attacked, labels).sign() * going[:, None]
            attacked = (attacked + budget / 40 * step).clamp(images - budget, images + budget).clamp(0, 1)
        return attacked

    monkeypatch.setitem(grey_methods.METHODS, "pgd", stopping)
    stopped = file_of(module, images, SHIPPED["pgd"] | {"budgets": [0.3]})
    assert failed(grey_checks.check_images([("pgd", "net", stopped)], minimal=())) == ["budget used in full"]


def test_images_outside_their_domain_are_caught(tmp_path, module, images):
    grey = file_of(module, images, SHIPPED["pgd"])
    AdversarialImages(**{**vars(grey), "domain": "binary"}).write(tmp_path / "a.npz")
    with pytest.raises(FileError, match="image 0 holds other grey levels than 0 and 255"):
        AdversarialImages.read(tmp_path / "a.npz")
    AdversarialImages(**{**vars(grey), "norm": "l2"}).write(tmp_path / "a.npz")
    with pytest.raises(FileError, match="more than its budget"):
        AdversarialImages.read(tmp_path / "a.npz")
    AdversarialImages(**{**vars(grey), "domain": "audio"}).write(tmp_path / "a.npz")
    with pytest.raises(FileError, match="domain 'audio'"):
        AdversarialImages.read(tmp_path / "a.npz")


def test_a_masked_gradient_is_caught(module, images):
    """A network of rounded logits as a defence: gradients vanish, so projected gradient descent does nothing and random
    search does all.
    """
    masked = probes.Masked(module, step=1.0).eval()
    labels = masked(torch.as_tensor(images[0] / np.float32(255))).argmax(1).numpy()
    rows = probes.probe_network("masked", masked, images[0], labels, SHIPPED["pgd"], seed=0)
    assert "gradients that are zero" in failed(rows)
    cells = {}
    for name in ("pgd", "square"):
        found = grey_attacks.craft(masked, images[0], labels, SHIPPED[name], seed=0)
        for budget, attacked in zip((0.0, *SHIPPED[name]["budgets"]), (images[0], *found), strict=True):
            cells[name, "masked", budget, "grey"] = (
                masked(torch.as_tensor(attacked / np.float32(255))).argmax(1).numpy() != labels
            ).astype(int)
    wrong = grey_checks.pooled([paired_errors.PairedErrors(score_rows(cells, label=0))])
    rows = grey_checks.check_network("masked", wrong, SHIPPED, others=[])
    assert "gradients are not masked" in failed(rows)
    assert "an attack by labels alone" in failed(rows)


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


def test_inequalities_fail_only_where_chance_cannot_explain_them():
    weaker, stronger = np.zeros(200, dtype=bool), np.zeros(200, dtype=bool)
    weaker[:5] = True
    row = checks.at_least("check", "net", stronger, weaker, names=("pgd", "fgsm"))
    assert (row["verdict"], row["p"]) == (checks.WARNING, pytest.approx(0.5**5))
    weaker[:10] = True
    row = checks.at_least("check", "net", stronger, weaker, names=("pgd", "fgsm"))
    assert (row["verdict"], row["p"]) == (checks.FAILED, pytest.approx(0.5**10))
    assert checks.at_least("check", "net", weaker, stronger, names=("pgd", "fgsm"))["verdict"] == checks.PASSED
    assert (
        checks.at_least("check", "net", stronger, weaker, names=("pgd", "fgsm"), tolerance=0.1)["verdict"]
        == checks.PASSED
    )


def test_a_failed_check_says_why_in_a_sentence():
    rows = [
        checks.bounded(
            "gradients that are zero", "net", value, high=0.1, n=10, what="the share of images without gradient"
        )
        for value in (0.0, 0.5)
    ]
    table = checks.worst(rows)
    assert len(table) == 2
    with pytest.raises(
        checks.AttackCheckError,
        match=r"1 of 2 checks of the attacks failed: net: the share of images without gradient is 0\.5",
    ):
        checks.judge(table)
    checks.judge(checks.worst(rows[:1]))


# --- weights up the loss
# ---------------------------------------------------------------------------------------


def test_weights_climb_to_the_error_that_is_asked_for():
    torch.manual_seed(0)
    module = architectures.MultilayerPerceptron(widths=[20, 16, 3], activation="tanh")
    inputs = torch.randn(200, 20)
    labels = module(inputs).argmax(1)
    climbed, distance = loss_ascent.climb(module, inputs, labels, "rms", step=0.01, until=0.5)
    before, after = (evaluate(part, inputs, labels, root_mean_square_error) for part in (module, climbed))
    assert before[1] == 0
    assert 0.5 <= after[1] < 0.8
    assert after[0] > before[0]
    assert 0 < distance < 1
    moved = loss_ascent.moved_at_random(module, distance, seed=0)
    lengths = [
        loss_ascent._length([a - b for a, b in zip(part.parameters(), module.parameters(), strict=True)])
        for part in (climbed, moved)
    ]
    assert lengths[1].item() == pytest.approx(lengths[0].item(), rel=1e-4)
    assert evaluate(moved, inputs, labels, root_mean_square_error)[1] < after[1]  # a random direction does less harm
