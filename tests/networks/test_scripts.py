"""The way from raw files to trained models and their table, script by script, without Snakemake."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

import binarise_images
import tabulate_models
import train_control
import train_network
from weightspace.data import IMAGES, LABELS
from weightspace.data.raw_files import write_idx
from weightspace.loading import load

DEFINITION = {"architecture": "mlp", "hidden": [4], "activation": "tanh", "loss": "rms", "optimiser": "sgd"} | {
    "learning_rate": 0.1,
    "batch_size": 10,
    "epochs": 2,
}


def raw_files(folder):
    """60 images of 4 x 4 pixels in two classes: the upper half is white, or the lower one."""
    folder.mkdir()
    labels = np.arange(60) % 2
    images = np.zeros((60, 4, 4), dtype=np.uint8)
    images[labels == 0, :2] = images[labels == 1, 2:] = 255
    for split in ("train", "test"):
        write_idx(folder / IMAGES[split], images)
        write_idx(folder / LABELS[split], labels)
    return [str(folder / names["train"]) for names in (IMAGES, LABELS)]


def test_networks_and_controls_from_raw_files(tmp_path):
    raw, patterns = raw_files(tmp_path / "raw"), str(tmp_path / "patterns.npz")
    binarise_images.main(raw, [patterns], {"threshold": 0.5})
    histories = []
    for name, images, changes in (
        ("binary", [patterns], {"input": "binary", "labels": "given"}),
        ("grey", raw, {"input": "grey", "labels": "random"}),
    ):
        made = SimpleNamespace(
            models=[tmp_path / name / f"seed{seed}.safetensors" for seed in range(2)],
            histories=[tmp_path / "training" / name / f"seed{seed}.csv" for seed in range(2)],
        )
        settings = {"definition": DEFINITION | changes, "dataset": "halves", "seeds": range(2), "device": "cpu"}
        train_network.main(SimpleNamespace(images=images), made, settings)
        assert all(load(path).description["definition"]["input"] == name for path in made.models)
        histories += made.histories
    table = [tmp_path / "networks.csv", tmp_path / "networks.md"]
    tabulate_models.main(SimpleNamespace(histories=histories), table)
    found = pd.read_csv(table[0]).set_index(["network", "quantity"])
    assert sorted(set(found.index.get_level_values("network"))) == ["binary", "grey"]
    assert found.loc[("binary", "test_loss"), "estimate"] < found.loc[("grey", "test_loss"), "estimate"]
    assert (found.seeds == 2).all()

    control = SimpleNamespace(models=[tmp_path / "control.safetensors"])
    settings = {"definition": {"patterns": 2}, "dataset": "halves"}
    train_control.main(SimpleNamespace(patterns=patterns), control, settings)
    assert sorted(load(control.models[0]).labels) == [0, 1]
