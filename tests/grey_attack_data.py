"""What tests of attacks on grey images share: the shipped definitions, a small network with images, and made-up
scores.
"""

import numpy as np
import pandas as pd
import torch

from weightspace.attacks import surrogates
from weightspace.configuration.choices import load_configuration

# Of 8 x 8 pixels.
DEFINITIONS = {name: one | {"shape": (8, 8)} for name, one in load_configuration()["attacks"].items()}
SHIPPED = {name: definition for name, definition in DEFINITIONS.items() if definition["knowledge"] != "none"}


def small_network():
    """A small network of random weights on 8 x 8 pixels."""
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 5))
    with torch.no_grad():
        layers[2].weight *= 10
    return surrogates.frozen(layers)


def answered_images(module):
    """Grey levels away from black and white, with the network's own answers as labels."""
    grey = np.random.default_rng(1).integers(60, 196, (80, 64)).astype(np.uint8)
    return grey, module(torch.as_tensor(grey / np.float32(255))).argmax(1).numpy()


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
