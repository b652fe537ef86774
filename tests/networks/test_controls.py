"""Networks that are controls: the shipped definitions learn what they are said to have learnt, and a control that did
not is caught.
"""

from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from running import ROOT

import tabulate_models
from weightspace.configuration.choices import load_configuration
from weightspace.configuration.reading import read_yaml
from weightspace.draws import generator
from weightspace.networks import architectures, training
from weightspace.plan import Plan
from weightspace.report.claims import decide

CONFIG = load_configuration()
RANDOM, TRUE = (CONFIG["networks"][name] for name in ("random_label_mlp", "true_label_mlp"))


def learnt(tensors, definition):
    """The history of a network, the network, and the very set that it learnt from."""
    images = training.first_images(tensors[0], seed=0, count=definition["images"])
    if definition["labels"] == "random":
        images = training.with_random_labels(images, generator=generator(0, "random labels"))
    module = architectures.build(definition, shape=(28, 28), classes=10, seed=1)
    return training.train(module, images, tensors[1], definition, seed=2), module, images


def word_of(part, networks):
    """What becomes of a part of C6 whose own cell is clear, by the table `networks`."""
    claims = read_yaml(ROOT / "workflow/claims.yaml")
    claims["claims"] = {"C6": {**claims["claims"]["C6"], "parts": []}}
    shipped = read_yaml(ROOT / "workflow/claims.yaml")["claims"]["C6"]["parts"]
    (chosen,) = [one for one in shipped if one["id"] == part]
    claims["claims"]["C6"]["parts"] = [chosen]
    clear = {"estimate": 0.0, "low": -0.01, "high": 0.01, "n": 5000, "seeds": 10, "interval": "t"}
    transfer = pd.DataFrame([chosen["where"] | clear])
    return decide(claims, {"transfer": transfer, "networks": networks}, dataset="mnist").word.item()


def networks_table(folder, histories):
    paths = []
    for seed, history in enumerate(histories):
        paths.append(folder / "random_label_mlp" / f"seed{seed}.csv")
        paths[-1].parent.mkdir(exist_ok=True)
        history.to_csv(paths[-1], index=False)
    written = [folder / "networks.csv", folder / "networks.md"]
    tabulate_models.main(SimpleNamespace(histories=paths), written)
    return pd.read_csv(written[0])


def test_both_controls_differ_in_their_labels_alone():
    assert {key for key in RANDOM if RANDOM[key] != TRUE[key]} == {"labels"}
    plan = Plan(CONFIG)
    assert {"random_label_mlp", "true_label_mlp"} <= set(plan.attacked) - set(plan.answering)
    assert plan.kind("random_label_mlp") == plan.kind("true_label_mlp") == "control"


def test_both_controls_learn_the_same_images_balanced(tensors):
    images, labels = training.first_images(tensors[0], seed=0, count=500)
    assert images.shape == (500, 784)
    assert (labels.bincount() == 50).all()
    again, permuted = training.with_random_labels((images, labels), generator=generator(0, "random labels"))
    assert (again == images).all()
    assert (permuted.bincount() == 50).all()
    assert not torch.equal(images, training.first_images(tensors[0], seed=1, count=500)[0])


@pytest.mark.parametrize("definition", [RANDOM, TRUE], ids=["random", "true"])
def test_the_shipped_controls_learn_their_labels(tensors, definition):
    history, module, (images, labels) = learnt(tensors, definition)
    wrong = (module(images).argmax(1) != labels).float().mean().item()
    assert history.train_error.iloc[-1] == pytest.approx(wrong)  # of the very images and labels that it was given
    assert wrong < 0.05
    assert history.epoch.iloc[[0, -1]].tolist() == [0, definition["epochs"]]
    assert len(history) == 21
    assert (history.test_error.iloc[-1] > 0.8) == (definition["labels"] == "random")


def test_a_control_that_has_not_learnt_its_labels_is_caught(tensors, tmp_path):
    histories = [learnt(tensors, RANDOM | {"epochs": 1})[0]] * 10
    assert word_of("C6c", networks_table(tmp_path, histories)).startswith(
        "not decided: the training error of the network of random labels is"
    )
    histories = [learnt(tensors, RANDOM)[0]] * 10
    assert word_of("C6c", networks_table(tmp_path, histories)) == "supported"
