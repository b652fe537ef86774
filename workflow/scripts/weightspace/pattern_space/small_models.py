"""Every kind of classifier, trained on shrunken digits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Int8, Int64

from weightspace.classifier import Classifier
from weightspace.data.hypercube import distinct
from weightspace.data.shrunken_digits import ShrunkenDigits
from weightspace.draws import checked_bits, initial_weights, order_of_images, stored_images
from weightspace.memories import learning_rules
from weightspace.networks import architectures, training

_CANDIDATES = 50  # images looked through for each stored one, since many are equal after shrinking


def train_models(
    digits: ShrunkenDigits,
    *,
    definitions: Mapping[str, Mapping[str, Any]],
    rules: Mapping[str, Mapping[str, Any]],
    hidden: list[int],
    stored: int,
    seed: int,
    device: str = "cpu",
) -> dict[str, Classifier]:
    """Train one model of each kind.

    Args:
        definitions: network name to its definition; rules: rule name to its definition, without its number of patterns.
        hidden: hidden units of each layer, in place of those of a definition that has any.
        stored: number of patterns that a memory stores.
        seed: base seed of everything drawn.
        device: where networks are trained.

    Returns:
        Model name to classifier.
    """
    models: dict[str, Classifier] = {}
    for name, definition in definitions.items():
        small = {**definition, "hidden": hidden} if "hidden" in definition else definition
        models[name] = train_network(digits, small, seed=seed, device=device)
    for name, definition in rules.items():
        index = choose_distinct(digits.train, digits.train_labels, stored, seed=seed)
        drawn = checked_bits(seed)
        models[name] = learning_rules.train(
            digits.train[index], digits.train_labels[index], index, definition, generator=drawn
        ).memory
    return models


def train_network(
    digits: ShrunkenDigits, definition: Mapping[str, Any], *, seed: int, device: str = "cpu"
) -> architectures.Network:
    """A network trained on all training images."""
    train_set, test_set = (
        (torch.as_tensor(patterns, dtype=torch.float32), torch.as_tensor(labels))
        for patterns, labels in ((digits.train, digits.train_labels), (digits.test, digits.test_labels))
    )
    sizes: dict[str, Any] = {"shape": digits.shape, "classes": int(digits.train_labels.max()) + 1}
    module = architectures.build(definition, **sizes, seed=initial_weights(seed))
    training.train(
        module, train_set, test_set, definition, seed=order_of_images(seed), device=training.choose_device(device)
    )
    return architectures.Network(module, {"definition": definition, "seed": seed, **sizes})


def choose_distinct(
    patterns: Int8[np.ndarray, "n N"], labels: Int64[np.ndarray, " n"], count: int, *, seed: int
) -> Int64[np.ndarray, "{count}"]:
    """Positions of training images, the classes in turns, whose patterns neither equal nor complement an
    earlier one's.

    Raises:
        ValueError: there are fewer such patterns among the candidates.
    """
    order = stored_images(labels, seed)[: _CANDIDATES * count]
    places = distinct(patterns[order])
    if len(places) < count:
        raise ValueError(
            f"stored of pattern_space.digits is {count}, but only {len(places)} of {len(order)} shrunken images differ"
        )
    return order[places[:count]]
