"""Networks that were trained elsewhere: the same predictions from either kind of file; what does not fit is named."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import train_network
from weightspace.files import FileError
from weightspace.loading import load
from weightspace.networks import training
from weightspace.networks.given_weights import set_weights

SOURCE = """
from torch import nn

def net(inputs, classes):
    return nn.Sequential(nn.Linear(inputs, 7), nn.BatchNorm1d(7), nn.GELU(), nn.Linear(7, classes))
"""


def elsewhere(seed=0):
    """A network that somebody has trained, normalisation and all."""
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(16, 7), nn.BatchNorm1d(7), nn.GELU(), nn.Linear(7, 3))
    module(torch.randn(50, 16))
    return module.eval()


def images(count):
    return torch.as_tensor(np.sign(np.random.default_rng(0).normal(size=(count, 16))), dtype=torch.float32)


@pytest.fixture
def definition(tmp_path):
    (tmp_path / "mine.py").write_text(SOURCE, encoding="utf-8")
    return {"architecture": "function", "file": str(tmp_path / "mine.py"), "function": "net", "input": "binary"} | {
        "activation": None,
        "loss": "cross_entropy",
    }


@pytest.mark.parametrize("kind", ["safetensors", "pt", "checkpoint", "half"])
def test_predictions_are_those_of_the_network_that_was_trained(tmp_path, monkeypatch, definition, kind):
    networks = [elsewhere(seed) for seed in range(2)]
    for seed, module in enumerate(networks):
        tensors = module.half().state_dict() if kind == "half" else module.state_dict()
        module.float()
        if kind == "safetensors":
            save_file(tensors, tmp_path / f"given{seed}.safetensors")
        else:
            kept = {"epoch": 3, "state_dict": tensors} if kind == "checkpoint" else tensors
            torch.save(kept, tmp_path / f"given{seed}.pt")
    named = tmp_path / f"given{{seed}}.{'safetensors' if kind == 'safetensors' else 'pt'}"
    data = images(40), torch.arange(40) % 3
    monkeypatch.setattr(training, "read_sets", lambda files, kind: (data, data, (4, 4)))
    settings = {"definition": definition | {"weights": str(named)}, "dataset": "mine", "seeds": [0, 1], "device": "cpu"}
    made = {name: [tmp_path / f"{name}{seed}" for seed in range(2)] for name in ("models", "histories")}
    train_network.main(SimpleNamespace(images=[]), SimpleNamespace(**made), settings)
    for module, model, history in zip(networks, made["models"], made["histories"], strict=True):
        with torch.no_grad():
            expected = module(images(40)).numpy()
        np.testing.assert_array_equal(load(model).logits(images(40).numpy()), expected)
        (row,) = pd.read_csv(history).to_dict("records")
        assert row["test_error"] == pytest.approx((expected.argmax(axis=1) != np.arange(40) % 3).mean(), rel=1e-5)


def changed(**tensors):
    return {name: tensor for name, tensor in (elsewhere().state_dict() | tensors).items() if tensor is not None}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            changed(**{"0.bias": None}),
            r"given\.pt lacks the tensor '0\.bias' of the network; allowed: 0\.weight \(7, 16\)",
        ),
        (
            changed(**{"9.bias": torch.ones(2)}),
            r"given\.pt holds the tensor '9\.bias', which the network does not have",
        ),
        (changed(**{"0.weight": torch.ones(7, 784)}), r"'0\.weight' has the shape \(7, 784\); allowed: \(7, 16\)"),
        (changed(**{"3.bias": torch.tensor([1, torch.nan, 0])}), r"'3\.bias' holds numbers that are infinite or none"),
        ([1, 2], r"given\.pt holds a list that is no state dict; allowed: safetensors"),
        (nn.Linear(2, 2), r"given\.pt cannot be read: .*; allowed: safetensors, or a PyTorch state dict"),
    ],
    ids=["missing", "unknown", "shape", "NaN", "list", "module"],
)
def test_what_does_not_fit_is_named(tmp_path, content, message):
    torch.save(content, tmp_path / "given.pt")
    with pytest.raises(FileError, match=message) as caught:
        set_weights(elsewhere(), tmp_path / "given.pt")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["given.safetensors", "given.pt"])
def test_files_that_are_none_are_named(tmp_path, name):
    with pytest.raises(FileError, match=f"{name} does not exist"):
        set_weights(elsewhere(), tmp_path / name)
    (tmp_path / name).write_bytes(b"no tensors at all")
    with pytest.raises(FileError, match=f"{name} cannot be read: .*; allowed: safetensors"):
        set_weights(elsewhere(), tmp_path / name)
