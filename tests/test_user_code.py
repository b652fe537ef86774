"""Networks and learning rules of the user's own: built, trained and loaded like the project's, and refused in one
sentence where they do not fit.
"""

import sys

import numpy as np
import pytest
import torch

from weightspace.loading import load
from weightspace.memories import learning_rules
from weightspace.networks import architectures, training
from weightspace.networks.architectures import Network
from weightspace.reruns import code_version
from weightspace.symmetry.equioutput import measure_network
from weightspace.user_code import UserCodeError, watched

NETWORK = """
from __future__ import annotations

import sys
from dataclasses import dataclass

import torch
from torch import nn

def small(inputs, classes):
    return nn.Sequential(nn.Linear(inputs, 6), nn.Dropout(0.2), nn.Tanh(), nn.BatchNorm1d(6), nn.Linear(6, classes))

def plain(inputs, classes):
    return nn.Sequential(nn.Linear(inputs, 6), nn.Tanh(), nn.Linear(6, classes))

class crossed(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.out, self.hidden = nn.Linear(5, classes), nn.Linear(inputs, 5)

    def forward(self, images):
        return self.out(torch.tanh(self.hidden(images)))

def wide(inputs, classes):
    return nn.Linear(inputs, classes + 1)

def narrow(inputs, classes):
    return nn.Linear(inputs - 1, classes)

def no_module(inputs, classes):
    return lambda images: images

def rule(patterns):
    return patterns.T @ patterns

def zero_one(patterns):
    patterns[patterns == -1] = 0
    x = 2 * patterns.astype(int) - 1
    return x.T @ x

def nan_rule(patterns):
    return patterns.T @ patterns / 0.0

def no_rule(patterns):
    return "weights"

def leaves(*arguments):
    sys.exit()

@dataclass
class Settings:
    width: int = 6

def with_settings(inputs, classes):
    return nn.Sequential(nn.Linear(inputs, Settings().width), nn.Tanh(), nn.Linear(6, classes))

def gives_nan(inputs, classes):
    return nn.Sequential(nn.Linear(inputs, classes), nn.Hardtanh(float("nan"), float("inf")))

def gives_labels(inputs, classes):
    class Labels(nn.Module):
        def forward(self, images):
            return images[:, :classes].long()
    return Labels()

def gives_pair(inputs, classes):
    class Pair(nn.Module):
        def forward(self, images):
            return images[:, :classes], images
    return Pair()

number = 3

def lopsided(patterns):
    return (patterns.T @ patterns) * [[i + j * 2 for j in range(len(patterns[0]))] for i in range(len(patterns[0]))]
"""
DEFINITION = {
    "architecture": "function",
    "activation": "tanh",
    "loss": "cross_entropy",
    "optimiser": "adam",
    "learning_rate": 0.01,
}
DEFINITION |= {"batch_size": 10, "epochs": 2, "labels": "given", "input": "binary"}


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(NETWORK, encoding="utf-8")
    return path


def trained(mine, function, *, seed=0):
    definition = watched(DEFINITION | {"file": str(mine), "function": function})
    module = architectures.build(definition, shape=(4, 4), classes=3, seed=seed)
    images = torch.as_tensor(np.sign(np.random.default_rng(0).normal(size=(60, 16))), dtype=torch.float32)
    data = images, torch.arange(60) % 3
    history = training.train(module, data, data, definition, seed=seed)
    return (
        Network(module, {"definition": definition, "shape": (4, 4), "classes": 3, "seed": seed}),
        history,
        images.numpy(),
    )


def test_a_network_is_trained_the_same_twice_and_loaded_from_its_file(mine, tmp_path):
    network, history, images = trained(mine, "small")
    torch.rand(5)  # what others draw does not matter, though this network has dropout
    again, same_history, _ = trained(mine, "small")
    assert history.equals(same_history)
    assert not history.equals(trained(mine, "small", seed=1)[1])
    for number, model in enumerate((network, again)):
        model.save(tmp_path / f"{number}.safetensors")
    assert (tmp_path / "0.safetensors").read_bytes() == (tmp_path / "1.safetensors").read_bytes()
    loaded = load(tmp_path / "0.safetensors")
    np.testing.assert_array_equal(loaded.logits(images), network.logits(images))
    assert not loaded.module.training


def test_a_change_of_the_file_changes_the_definition_and_a_remark_does_not(mine, tmp_path):
    network, _, _ = trained(mine, "small")
    network.save(tmp_path / "model.safetensors")
    mine.write_text("# a remark\n" + NETWORK, encoding="utf-8")
    assert watched({"file": str(mine)}) == {"file": str(mine), "code": network.description["definition"]["code"]}
    load(tmp_path / "model.safetensors")
    mine.write_text(NETWORK.replace("Dropout(0.2)", "Dropout(0.3)"), encoding="utf-8")
    assert watched({"file": str(mine)})["code"] != network.description["definition"]["code"]
    with pytest.raises(UserCodeError, match=r"mine\.py has changed since this model was trained with it; run again"):
        load(tmp_path / "model.safetensors")
    mine.unlink()
    with pytest.raises(UserCodeError, match=r"mine\.py does not exist"):
        load(tmp_path / "model.safetensors")


def test_a_definition_without_a_file_is_left_as_it_is():
    assert watched({"architecture": "mlp"}) == {"architecture": "mlp"}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("absent", r"mine\.py defines no absent; allowed: "),
        (
            "wide",
            (
                r"mine\.py: wide gives outputs of shape \(2, 4\) for images of shape \(2, 16\); allowed: \(2, 3\), a"
                r" logit for each class"
            ),
        ),
        ("narrow", r"mine\.py: narrow cannot take images of shape \(2, 16\): "),
        ("no_module", r"mine\.py: no_module gives a function; allowed: a torch\.nn\.Module"),
        ("leaves", r"mine\.py: leaves ends the program; allowed: a function that returns"),
        ("number", r"mine\.py: number is a int; allowed: a function or class"),
        ("gives_nan", r"mine\.py: gives_nan gives outputs of torch\.float32 such as nan, before any training"),
        ("gives_labels", r"mine\.py: gives_labels gives outputs of torch\.int64"),
        ("gives_pair", r"mine\.py: gives_pair gives a tuple for images; allowed: a tensor of logits"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(mine, function, message):
    with pytest.raises(UserCodeError, match=message) as caught:
        architectures.build(DEFINITION | {"file": str(mine), "function": function}, shape=(4, 4), classes=3, seed=0)
    assert str(caught.value).isprintable()


def copies_of(folder, images, *, name):
    network = architectures.Network.load(folder / "model.safetensors")
    return measure_network(network, images, name=name, copies=3, generator=np.random.default_rng(0))


def test_copies_of_a_fully_connected_network_of_ones_own_answer_alike(mine, tmp_path):
    network, _, images = trained(mine, "plain")
    network.save(tmp_path / "model.safetensors")
    rows = copies_of(tmp_path, images, name="plain")
    assert {row["transformation"] for row in rows} == {"signs"}
    assert (
        max(row["value"] for row in rows if row["quantity"] == "output_deviation" and row["precision"] == "float64")
        < 1e-12
    )
    network.description["definition"]["activation"] = None
    network.save(tmp_path / "model.safetensors")
    rows = copies_of(tmp_path, images, name="plain")
    assert {row["transformation"] for row in rows} == {"interchanges"}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("small", "num_batches_tracked. is not expected"),
        ("crossed", "layers are out, hidden, in the order of their names hidden"),
    ],
)
def test_copies_of_a_network_that_is_no_stack_of_layers_are_refused(mine, tmp_path, function, message):
    network, _, images = trained(mine, function)
    network.save(tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=message):
        copies_of(tmp_path, images, name=function)


def test_a_rule_of_ones_own_makes_a_memory_that_needs_no_file_any_more(mine, tmp_path):
    patterns = np.sign(np.random.default_rng(0).normal(size=(4, 60))).astype(np.int8)
    definition = watched({"rule": "function", "patterns": 4, "file": str(mine), "function": "rule"})
    made = learning_rules.train(patterns, np.arange(4), np.arange(4), definition, generator=None)
    assert made.certificate.violations == 0
    made.memory.save(tmp_path / "memory.safetensors")
    mine.unlink()
    assert load(tmp_path / "memory.safetensors").predict(patterns).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("function", "message"), [("lopsided", "weights that are not symmetric"), ("small", "missing 1 required")]
)
def test_a_rule_that_does_not_fit_is_refused(mine, function, message):
    patterns = np.sign(np.random.default_rng(0).normal(size=(4, 60))).astype(np.int8)
    definition = {"rule": "function", "patterns": 4, "file": str(mine), "function": function}
    with pytest.raises((UserCodeError, TypeError), match=message):
        learning_rules.train(patterns, np.arange(4), np.arange(4), definition, generator=None)


def test_the_package_itself_holds_no_name_of_a_module():
    """A change in one module would reach all scripts if `weightspace/__init__.py` imported it."""
    from weightspace.reruns import SCRIPTS, project_files

    assert project_files("weightspace/__init__.py") == {SCRIPTS / "weightspace/__init__.py"}
    assert code_version("train_memory.py") != code_version("train_network.py")


def test_a_rule_that_changes_its_patterns_changes_no_others(mine):
    patterns = np.sign(np.random.default_rng(0).normal(size=(4, 60))).astype(np.int8)
    given, definition = patterns.copy(), {"rule": "function", "patterns": 4, "file": str(mine), "function": "zero_one"}
    memory = learning_rules.train(given, np.arange(4), np.arange(4), definition, generator=None).memory
    assert (given == patterns).all()
    assert (memory.patterns == patterns).all()


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("nan_rule", r"mine\.py: nan_rule gives weights that are infinite or no numbers"),
        ("no_rule", r"mine\.py: no_rule fails, or gives no numbers: could not convert string"),
        ("leaves", r"mine\.py: leaves ends the program"),
    ],
)
def test_rules_that_give_no_numbers_are_refused(mine, function, message):
    definition = {"rule": "function", "patterns": 4, "file": str(mine), "function": function}
    with pytest.raises(UserCodeError, match=message), np.errstate(all="ignore"):
        learning_rules.train(np.ones((4, 6)), np.arange(4), np.arange(4), definition, generator=None)


def test_dataclasses_work_in_a_file_of_ones_own(mine):
    definition = DEFINITION | {"file": str(mine), "function": "with_settings"}
    assert architectures.build(definition, shape=(4, 4), classes=3, seed=0)[0].out_features == 6


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("sys.exit()", r"mine\.py ends the program when it is run; allowed: a file without sys\.exit"),
        ("import not_there", r"mine\.py cannot be run: ModuleNotFoundError: No module named 'not_there'"),
    ],
)
def test_a_file_that_cannot_be_run_is_named(mine, end, message):
    mine.write_text(NETWORK + end + "\n", encoding="utf-8")
    with pytest.raises(UserCodeError, match=message):
        architectures.build(DEFINITION | {"file": str(mine), "function": "small"}, shape=(4, 4), classes=3, seed=0)
    assert not [name for name in sys.modules if getattr(sys.modules[name], "__file__", None) == str(mine)]
