"""Attacked images: budgets, rounding, restarts, and an attack of one's own."""

import re

import numpy as np
import pytest
import torch
import yaml
from grey_attack_data import DEFINITIONS
from hypothesis import given
from hypothesis import strategies as st
from running import ROOT

from weightspace.attacks import grey_attacks, losses
from weightspace.attacks.adversarial_files import SIZES
from weightspace.robustness import checks, probes
from weightspace.user_code import UserCodeError


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


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("(images * (float('nan') if budget > 0.2 else 1))", r"NaN\) for 30 of \d+ images at budget 0\.3"),
        ("images[1:]", r"mine\.py: attack gives torch\.float32 \(\d+, \d+\); allowed: a floating-point tensor"),
        ("images.numpy()", r"mine\.py: attack gives <class 'numpy\.ndarray'>; allowed"),
        ("(images * 255).byte()", r"mine\.py: attack gives torch\.uint8"),
    ],
)
def test_what_an_attack_of_ones_own_gives_is_checked(tmp_path, module, images, line, message):
    code = f"def attack(module, images, labels, budget, definition):\n    return {line}\n"
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    definition = {"method": "function", "file": str(tmp_path / "mine.py"), "norm": "linf", "budgets": [0.1, 0.3]}
    grey, labels = (part[:30] for part in images)
    with pytest.raises(UserCodeError, match=message):
        grey_attacks.craft(module, grey, labels, definition, seed=0)


def test_an_attack_of_ones_own_changes_no_images_but_its_own(tmp_path, module, images):
    code = "def attack(module, images, labels, budget, definition):\n    return images.add_(budget).clamp_(0, 1)\n"
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    definition = {"method": "function", "file": str(tmp_path / "mine.py"), "norm": "linf"}
    both = grey_attacks.craft(module, *images, definition | {"budgets": [0.1, 0.3]}, seed=0)
    alone = grey_attacks.craft(module, *images, definition | {"budgets": [0.3]}, seed=0)
    assert (both[1] == alone[0]).all()
