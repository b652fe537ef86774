"""Proofs of the attacks by flips on a linear model and on hidden gradients."""

import numpy as np
import pandas as pd
import pytest
import torch
from small_models import rng

from weightspace.attacks import binary_attacks, flips
from weightspace.data.patterns import Patterns
from weightspace.networks.architectures import Network, build
from weightspace.robustness.checks import COLUMNS, AttackCheckError, judge
from weightspace.robustness.flip_proofs import Masked, prove


@pytest.fixture(scope="module")
def proofs(mnist_patterns):
    network = Network(
        build({"architecture": "mlp", "hidden": [16], "activation": "tanh"}, shape=(28, 28), classes=10, seed=0)
    )
    with torch.no_grad():  # scores as far apart as those of a trained one
        network.module.layers[-1].weight *= 1000
    # Not trained: its own answers are the labels, so that all images are right.
    answers = network.predict(mnist_patterns.test())
    data = Patterns(
        mnist_patterns.packed_train,
        mnist_patterns.packed_test,
        mnist_patterns.train_labels,
        answers,
        mnist_patterns.shape,
    )
    common = {"domain": "binary", "norm": "l0", "images": 30}
    attacks = {
        "gradient_flips": common
        | {"method": "gradient_flips", "knowledge": "gradients", "growth": 0.125, "lookahead": 0, "surrogates": None},
        "label_search": common | {"method": "label_search", "knowledge": "labels", "pool": 60, "starts": 1, "walk": 10},
    }

    def run(**changed):
        attacks_now = {name: definition | changed.get(name, {}) for name, definition in attacks.items()}
        rows = prove(
            network,
            attacks_now,
            data,
            np.arange(30),
            budgets=[1, 8, 64],
            pool=data.train(slice(0, 60)),
            generator=rng(),
        )
        return pd.DataFrame(rows, columns=COLUMNS)

    return run


def test_proofs_pass_and_say_that_gradients_alone_are_blind(proofs):
    table = proofs().set_index("check")
    assert set(table.verdict) == {"passed"}
    assert table.loc["flips of a model of known margin"].value.to_list()[0] == 1
    assert table.loc["an attack by gradients alone is blind"].value == 0


def test_attacks_that_stop_short_fail_the_proof_on_a_linear_model(proofs, monkeypatch):
    right = flips.greedy_flips

    def clamped(*arguments, budgets, **settings):
        return right(*arguments, budgets=[min(budget, 2) for budget in budgets], **settings)

    monkeypatch.setattr(flips, "greedy_flips", clamped)
    with pytest.raises(AttackCheckError, match="gradient_flips: on a linear model, whose fewest flips are known"):
        judge(proofs())


def test_masked_gradients_fail_where_no_attack_sees_through(proofs, monkeypatch):
    search = binary_attacks.METHODS["label_search"]

    def blind_to_masks(means, definition, images, labels):
        if isinstance(means.model.module, Masked):
            return flips.Flipped(
                np.full(len(images), flips.NOT_FOUND, dtype=np.int16), np.zeros(images.shape, dtype=bool)
            )
        return search(means, definition, images, labels)

    monkeypatch.setitem(binary_attacks.METHODS, "label_search", blind_to_masks)
    with pytest.raises(
        AttackCheckError,
        match=r"a network whose gradients are hidden, 1\.00 of them 0, is misled in 0\.000 of the images",
    ):
        judge(proofs())
