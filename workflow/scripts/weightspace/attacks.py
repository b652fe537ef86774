"""Attacks on grey images: foolbox's, run on the logits, and each adversarial image rounded to the 8-bit grey levels of a real image.

An attack never stops early: all steps are taken for every image, because images from an attack that stops at the first success barely
transfer to another model.
"""

import foolbox
import numpy as np
import torch
from torch import nn

from weightspace.logs import progress

WHITE = 255


class GreyLevels(nn.Module):
    """A network seen from the attack's domain: grey levels in [0, 1] in, logits out."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, grey):
        return self.module(2 * grey - 1)


def fast_gradient_sign(definition):
    """Goodfellow et al. (2015): one step of the full budget along the sign of the gradient."""
    return foolbox.attacks.LinfFastGradientAttack(random_start=False)


def projected_gradient_descent(definition):
    """Madry et al. (2018): steps along the sign of the gradient from a random start, projected onto the budget's ball."""
    return foolbox.attacks.LinfProjectedGradientDescentAttack(rel_stepsize=definition["step_size"], steps=definition["steps"], random_start=True)


METHODS = {"fgsm": fast_gradient_sign, "pgd": projected_gradient_descent}


def rounded(adversarial, clean, budget):
    """Nearest 8-bit grey levels within the budget of the clean image.

    Args: adversarial (B, N) in [0, 1], clean (B, N) uint8, budget as a share of full scale. Returns: uint8 (B, N) with
    ``|adversarial - clean| ≤ ⌊255 · budget⌋``, so rounding never exceeds the budget.
    """
    reach = levels(budget)
    clean = clean.astype(np.int16)
    grey = np.rint(adversarial * WHITE).astype(np.int16)
    return np.clip(np.clip(grey, clean - reach, clean + reach), 0, WHITE).astype(np.uint8)


def levels(budget):
    """The largest whole number of grey levels within a budget; the small term undoes the binary rounding of budgets such as 0.6."""
    return int(np.floor(budget * WHITE + 1e-9))


def craft(network, grey, labels, definition, *, seed, device="cpu", batch=1000):
    """Attack every image at every budget of the definition.

    Args:
        network: `networks.Network`.
        grey: (M, N) uint8 clean images.
        labels: (M,) true labels, from which the attack leads away.
        definition: ``method``, ``budgets`` and the method's own keys.
        seed: fixes random starts.

    Returns:
        uint8 (K, M, N): for each of the K budgets, the attacked images, successful or not.
    """
    attack = METHODS[definition["method"]](definition)
    model = foolbox.PyTorchModel(GreyLevels(network.module).eval(), bounds=(0, 1), device=device)
    torch.manual_seed(seed)
    found = np.empty((len(definition["budgets"]), *grey.shape), dtype=np.uint8)
    for start in progress(range(0, len(grey), batch), what="batches attacked"):
        part = slice(start, start + batch)
        images = torch.as_tensor(grey[part].astype(np.float32) / WHITE, device=device)
        targets = torch.as_tensor(labels[part].astype(np.int64), device=device)
        for row, budget in enumerate(definition["budgets"]):
            # `run` is the attack without foolbox's search for successes: every image is returned as the last step left it.
            attacked = attack.run(model, images, foolbox.criteria.Misclassification(targets), epsilon=budget)
            found[row, part] = rounded(attacked.cpu().numpy(), grey[part], budget)
    return found
