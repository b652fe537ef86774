"""Attacks along gradients: the papers' schedules, and other implementations."""

import foolbox
import numpy as np
import pytest
import torch
from grey_attack_data import SHIPPED

from weightspace.attacks import gradient_attacks, grey_attacks, grey_methods
from weightspace.attacks.surrogates import frozen


def test_auto_pgd_has_the_papers_checkpoints():
    assert gradient_attacks.checkpoints(100) == [22, 41, 57, 70, 80, 87, 93, 99]  # Croce & Hein (2020), N = 100


@pytest.mark.parametrize("classes", [2, 3])
def test_the_ratio_of_logits_misleads_whatever_the_number_of_classes(images, classes):
    torch.manual_seed(0)
    network = frozen(torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, classes)))
    grey = images[0]
    labels = network(torch.as_tensor(grey / np.float32(255))).argmax(1).numpy()
    errors = {}
    for name in ("fgsm", "apgd_dlr"):
        found = grey_attacks.craft(network, grey, labels, SHIPPED[name] | {"budgets": [0.05]}, seed=0)[0]
        errors[name] = (network(torch.as_tensor(found / np.float32(255))).argmax(1).numpy() != labels).mean()
    assert errors["apgd_dlr"] >= errors["fgsm"] > 0.2  # the ratio of two classes is constant, and misled hardly any


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
