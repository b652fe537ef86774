"""Every kind of classifier, trained on shrunken digits."""

import numpy as np
import torch

from weightspace.draws import checked_bits, initial_weights, order_of_images, stored_images
from weightspace.memories import learning_rules
from weightspace.networks import architectures, training

_CANDIDATES = 50  # images looked through for each stored one, since many are equal after shrinking


def train_models(digits, *, definitions, rules, hidden, stored, seed, device="cpu"):
    """Train one model of each kind.

    Args:
        digits: `shrunken_digits.ShrunkenDigits`.
        definitions: network name to its definition; rules: rule name to its definition, without its number of patterns.
        hidden: hidden units of each layer, in place of those of a definition that has any.
        stored: number of patterns that a memory stores.
        seed: base seed of everything drawn.
        device: where networks are trained.

    Returns:
        Model name to classifier.
    """
    models = {}
    for name, definition in definitions.items():
        small = {**definition, "hidden": hidden} if "hidden" in definition else definition
        models[name] = train_network(digits, small, seed=seed, device=device)
    for name, definition in rules.items():
        index = choose_distinct(digits, stored, seed=seed)
        drawn = checked_bits(seed)
        models[name] = learning_rules.train(
            digits.train[index], digits.train_labels[index], index, definition, generator=drawn
        ).memory
    return models


def train_network(digits, definition, *, seed, device="cpu"):
    """A `architectures.Network` trained on all training images."""
    data = [
        (torch.as_tensor(patterns, dtype=torch.float32), torch.as_tensor(labels))
        for patterns, labels in ((digits.train, digits.train_labels), (digits.test, digits.test_labels))
    ]
    sizes = {"inputs": digits.images.size, "classes": int(digits.train_labels.max()) + 1}
    module = architectures.build(definition, **sizes, seed=initial_weights(seed))
    training.train(module, *data, definition, seed=order_of_images(seed), device=training.choose_device(device))
    return architectures.Network(module, {"definition": definition, "seed": seed, **sizes})


def choose_distinct(digits, count, *, seed):
    """Positions (count,) of training images, the classes in turns, whose patterns neither equal nor complement an
    earlier one's.

    Raises:
        ValueError: there are fewer such patterns among the candidates.
    """
    order = stored_images(digits.train_labels, seed)[: _CANDIDATES * count]
    patterns = digits.train[order]
    _, first = np.unique(patterns * patterns[:, :1], axis=0, return_index=True)
    if len(first) < count:
        raise ValueError(
            f"pattern_space.stored is {count}, but only {len(first)} of {len(order)} shrunken images differ"
        )
    return order[np.sort(first)[:count]]
