"""The four things that one does in a notebook, each in one call: train a memory, attack a model, canonicalise a
network, count a partition.

The settings are those of config.yaml, as keywords. What each call does more exactly is said by the module that it
names; the workflow uses those.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int, Shaped

from weightspace.draws import attack_seed, checked_bits
from weightspace.loading import as_classifier, load
from weightspace.memories import learning_rules
from weightspace.memories.memory import AssociativeMemory

if TYPE_CHECKING:
    from weightspace.attacks.flips import Flipped

__all__ = ["as_classifier", "attack", "canonical_form", "count_partition", "load", "train_memory"]

RULES: dict[str, dict[str, Any]] = {
    "iterative": {"margin": 1, "flip_share": 1, "passes": 1000},
    "pseudo_inverse": {"diagonal": False},
    "krauth_mezard": {"margin": 1, "steps": 1000},
    "minimum_probability_flow": {"steps": 50},
    "dense": {"energy": "polynomial", "exponent": 3},
}
ATTACKS: dict[str, dict[str, Any]] = {
    "gradient_flips": {"growth": 0.125, "lookahead": 8, "surrogates": {"steps": [0, 1, 3], "steepness": [2, 8]}},
    "score_search": {"queries": 200},
    "label_search": {"pool": 300, "starts": 3, "walk": 100},
}


def train_memory(
    patterns: Shaped[np.ndarray, "P N"],
    labels: Int[np.ndarray, " P"] | Sequence[int] | None = None,
    *,
    rule: str = "iterative",
    seed: int = 0,
    **settings: Any,
) -> AssociativeMemory:
    """Train an associative memory that stores patterns (P, N) of ±1.

    Args:
        labels: (P,) integers, what the memory answers; by default the patterns' numbers.
        rule: one of `learning_rules.RULES`; ``settings`` are its own, such as ``margin=0.5``, which else are as
            shipped.
        seed: of what the rule draws.

    Returns:
        A `memory.AssociativeMemory`: ``recall``, ``predict``, ``energy``, ``certify``.

    Raises:
        ValueError: the patterns are not ±1, or the rule is unknown.

    >>> import numpy as np
    >>> patterns = np.sign(np.random.default_rng(0).normal(size=(20, 200)))
    >>> memory = train_memory(patterns, margin=0.5)
    >>> memory.predict(patterns)[:5].tolist()
    [0, 1, 2, 3, 4]
    >>> train_memory(patterns, rule="pseudo-inverse")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: rule is 'pseudo-inverse'; allowed: hebbian, iterative, storkey, pseudo_inverse, krauth_mezard, ...
    """
    if rule not in learning_rules.RULES:
        raise ValueError(f"rule is {rule!r}; allowed: {', '.join(learning_rules.RULES)}")
    number = np.arange(len(patterns))
    labels = number if labels is None else np.asarray(labels, dtype=np.int64)
    definition = {"rule": rule, **RULES.get(rule, {}), **settings}
    return learning_rules.train(patterns, labels, number, definition, generator=checked_bits(seed)).memory


def attack(
    classifier: Any,
    patterns: Shaped[np.ndarray, "B N"],
    labels: Int[np.ndarray, " B"] | Sequence[int],
    *,
    method: str = "gradient_flips",
    budgets: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    seed: int = 0,
    **settings: Any,
) -> "Flipped":
    """Flip few bits of patterns (B, N) of ±1 so that a model answers otherwise than ``labels`` (B,).

    Args:
        classifier: any model: one of the project, a PyTorch module, or an object with ``predict`` (`as_classifier`).
        method: one of `binary_attacks.METHODS`; ``settings`` are its own, which else are as shipped. ``label_search``
            starts at these patterns.
        budgets: numbers of flipped bits, ascending, at most so many.
        seed: of what the attack draws.

    Returns:
        `flips.Flipped`: ``flips`` (B,), 0 where the model errs without, -1 where nothing was found; ``mask`` (B, N) of
        the flipped bits.

    Raises:
        ValueError: the method is unknown.
        TypeError: the method needs gradients or scores, and the model has none.

    >>> import numpy as np
    >>> patterns = np.sign(np.random.default_rng(0).normal(size=(20, 200))).astype(np.int8)
    >>> memory = train_memory(patterns)
    >>> found = attack(memory, patterns, memory.labels)
    >>> attacked = np.where(found.mask, -patterns, patterns)[found.flips > 0]
    >>> bool((memory.predict(attacked) != memory.labels[found.flips > 0]).all())
    True
    >>> bool((found.flips[found.flips > 0] > 10).all())
    True
    """
    from weightspace.attacks import binary_attacks  # here, because memories need no PyTorch

    if method not in binary_attacks.METHODS:
        raise ValueError(f"method is {method!r}; allowed: {', '.join(binary_attacks.METHODS)}")
    patterns, labels = np.asarray(patterns, dtype=np.int8), np.asarray(labels, dtype=np.int64)
    definition = {"method": method, "budgets": list(budgets), **ATTACKS.get(method, {}), **settings}
    source = np.random.default_rng(attack_seed(method, seed))
    means = binary_attacks.Means(as_classifier(classifier), list(budgets), patterns, source)
    return binary_attacks.attack(means, definition, patterns, labels)


def canonical_form(network: Any) -> list[tuple[Shaped[np.ndarray, "out in"], Shaped[np.ndarray, " out"]]]:
    """The representative of all equioutput copies of a network: `canonical.canonical_form` of its layers.

    Args: network, a PyTorch module or a `architectures.Network` of layers whose names sort from the input on, with one
    odd activation between them.

    Returns: layers, each a pair of weights (out, in) and biases (out,); equal, bit for bit, for all copies.

    >>> import numpy as np
    >>> import torch
    >>> module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    >>> before = canonical_form(module)
    >>> with torch.no_grad():  # another order of the hidden units, one of them with the other sign
    ...     signs, order = torch.tensor([1.0, -1.0, 1.0]), [2, 0, 1]
    ...     module[0].weight[:] = (signs[:, None] * module[0].weight)[order]
    ...     module[0].bias[:] = (signs * module[0].bias)[order]
    ...     module[2].weight[:] = (module[2].weight * signs)[:, order]
    >>> all(np.array_equal(old, new) for pair in zip(before, canonical_form(module)) for old, new in zip(*pair))
    True
    """
    from weightspace.networks import weight_layers
    from weightspace.symmetry import canonical

    tensors = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
    return canonical.canonical_form(weight_layers.layers_of(tensors))


def count_partition(
    classifier: Any,
    patterns: Shaped[np.ndarray, "M N"],
    labels: Int[np.ndarray, " M"] | Sequence[int],
    *,
    radii: Sequence[int] = (1, 2, 3),
    trained: Bool[np.ndarray, " M"] | Sequence[bool] | None = None,
    largest: int = 25,
) -> pd.DataFrame:
    """Count ``P_u = P_t + P_g + P_a + P_r`` exactly: ask a model for all 2^N patterns around labelled images (M, N) of
    few pixels.

    Args:
        classifier: a memory whose stored patterns are among the images, a network, or any other model
            (`as_classifier`).
        patterns, labels: the images D (M, N) of ±1 and their labels (M,).
        radii: Hamming distances (bits) within which a pattern counts as near an image.
        trained: (M,) bool, the images that the model has learnt from; by default all. Of a memory it is what it stores,
            whatever this says.
        largest: bits up to which all patterns are visited; 25 takes a minute and 1.4 GB.

    Returns:
        A DataFrame, a row for each read-out and radius, the parts as columns of exact integers: P_t, P_g, P_a, P_r, and
        the kinds of P_a, P_adv, P_err and P_none.

    Raises:
        hypercube.TooLarge: the patterns have more than ``largest`` bits.

    >>> import numpy as np
    >>> patterns = np.sign(np.random.default_rng(1).normal(size=(3, 12)))
    >>> memory = train_memory(patterns, margin=0)
    >>> counts = count_partition(memory, patterns, memory.labels, radii=[2])
    >>> counts[["readout", "P_t", "P_g", "P_a", "P_r"]].values.tolist()
    [['nearest', 3, 217, 17, 3859], ['exact', 3, 197, 37, 3859]]
    >>> (counts[["P_t", "P_g", "P_a", "P_r"]].sum(axis=1) == 2**12).tolist()
    [True, True]
    """
    from weightspace.data import labelled_images
    from weightspace.pattern_space import enumeration, tables

    patterns = np.asarray(patterns)
    is_training = np.ones(len(patterns), dtype=bool) if trained is None else np.asarray(trained)
    space = enumeration.Space(labelled_images.collect(patterns, labels, is_training), largest=largest)
    shells, _, _ = enumeration.count_models(space, {"": as_classifier(classifier)})
    rows = tables.exact_partition(shells.assign(dataset="", bits=space.size, seed=0), radii)
    table = rows.assign(count=rows["count"].map(int)).pivot(index=["readout", "radius"], columns="part", values="count")
    kept = ["P_t", "P_g", "P_a", "P_r", "P_adv", "P_err", "P_none"]
    in_order = rows[["readout", "radius"]].drop_duplicates()
    return in_order.join(table[kept], on=["readout", "radius"]).reset_index(drop=True)
