"""Faults that are planted in attacked images and in scores, and must be caught."""

import numpy as np
import torch
from grey_attack_data import SHIPPED, score_rows

from weightspace.attacks import grey_attacks, grey_methods, losses
from weightspace.attacks.adversarial_files import AdversarialImages
from weightspace.robustness import checks, grey_checks, paired_errors, probes


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


def test_of_a_budget_only_whole_grey_levels_can_be_used(module, images):
    for budget in (0.0078, 0.031, 2 / 255, 8 / 255):  # the first two stand for the others, and are a little less
        honest = file_of(module, images, SHIPPED["pgd"] | {"budgets": [budget]})
        less = file_of(module, images, SHIPPED["pgd"] | {"budgets": [budget - 1 / 255]}, claimed=[budget])
        assert failed(grey_checks.check_images([("pgd", "net", honest)], minimal=())) == []
        assert failed(grey_checks.check_images([("pgd", "net", less)], minimal=())) == ["budget used in full"]
