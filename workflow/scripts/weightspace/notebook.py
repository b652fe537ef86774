"""What one does in a notebook, each in one call: train a memory, attack a model, canonicalise a network or measure how
far two lie apart, count a partition.

The settings are those of config.yaml, as keywords. What each call does more exactly is said by the module that it
names; the workflow uses those. Arguments are checked and copied here (`arguments`): a ValueError or TypeError names the
one that is wrong, and nothing that a caller holds is kept or changed.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from jaxtyping import Shaped
from numpy.typing import ArrayLike

from weightspace import arguments
from weightspace.data import MOST_CLASSES
from weightspace.draws import attack_seed, checked_bits, generator
from weightspace.loading import as_classifier, load, module_of
from weightspace.memories import dense_energy, learning_rules
from weightspace.memories.memory import AssociativeMemory

if TYPE_CHECKING:
    from weightspace.attacks.flips import Flipped
    from weightspace.symmetry.alignment import Alignment
    from weightspace.weight_space.local_learning import LocalCoefficient

__all__ = [
    "align",
    "as_classifier",
    "attack",
    "barrier",
    "canonical_form",
    "count_partition",
    "distance",
    "load",
    "local_learning_coefficient",
    "train_memory",
]

Checks = dict[str, Callable[[str, Any], Any]]
_MARGIN = partial(arguments.number, low=0, high=1000)
_COUNT = partial(arguments.whole, low=1, high=1_000_000)


def _exponent(name, given):
    """Of a polynomial; an exponential energy has none."""
    return None if given is None else arguments.whole(name, given, low=2)


_FILE: Checks = {"file": arguments.text, "function": arguments.text}

# What each rule and method is told, and what of it where nothing is said: as shipped.
RULE_SETTINGS: dict[str, Checks] = {
    "hebbian": {},
    "iterative": {
        "margin": _MARGIN,
        "flip_share": partial(arguments.number, low=0, high=1, above=True),
        "passes": _COUNT,
    },
    "storkey": {},
    "pseudo_inverse": {"diagonal": arguments.flag},
    "krauth_mezard": {"margin": _MARGIN, "steps": _COUNT},
    "minimum_probability_flow": {"steps": _COUNT},
    "function": _FILE,
    "dense": {"energy": partial(arguments.one_of, allowed=dense_energy.ENERGIES), "exponent": _exponent},
}
RULES: dict[str, dict[str, Any]] = {
    "iterative": {"margin": 1, "flip_share": 1, "passes": 1000},
    "pseudo_inverse": {"diagonal": False},
    "krauth_mezard": {"margin": 1, "steps": 1000},
    "minimum_probability_flow": {"steps": 50},
    "dense": {"energy": "polynomial", "exponent": 3},
}
ATTACK_SETTINGS: dict[str, Checks] = {
    "single_flips": {},
    "gradient_flips": {
        "growth": partial(arguments.number, low=0, high=1),
        "lookahead": partial(arguments.whole, low=0),
        "surrogates": partial(
            arguments.lists,
            checks={
                "steps": partial(arguments.whole, low=0, high=100),
                "steepness": partial(arguments.number, low=0, high=1000, above=True),
            },
        ),
    },
    "score_search": {"queries": _COUNT},
    "label_search": {"pool": _COUNT, "starts": _COUNT, "walk": partial(arguments.whole, low=0, high=1_000_000)},
}
ATTACKS: dict[str, dict[str, Any]] = {
    "gradient_flips": {"growth": 0.125, "lookahead": 8, "surrogates": {"steps": [0, 1, 3], "steepness": [2, 8]}},
    "score_search": {"queries": 200},
    "label_search": {"pool": 300, "starts": 3, "walk": 100},
}
BUDGETS = (1, 2, 4, 8, 16, 32, 64)  # of them those that a pattern has bits for


def train_memory(
    patterns: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    rule: str = "iterative",
    seed: int = 0,
    **settings: Any,
) -> AssociativeMemory:
    """Train an associative memory that stores patterns (P, N) of ±1.

    Args:
        labels: (P,) integers from 0, what the memory answers; by default the patterns' numbers.
        rule: one of `learning_rules.RULES`; ``settings`` are its own, such as ``margin=0.5``, which else are as
            shipped.
        seed: of what the rule draws.

    Returns:
        A `memory.AssociativeMemory`: ``recall``, ``predict``, ``energy``, ``certify``.

    Raises:
        ValueError: the patterns are not ±1, labels are none, the rule or a setting of it is unknown, or its value is
            not allowed.
        OverflowError: the weights that the rule finds do not fit into 32 bits.

    >>> import numpy as np
    >>> patterns = np.sign(np.random.default_rng(0).normal(size=(20, 200)))
    >>> memory = train_memory(patterns, margin=0.5)
    >>> memory.predict(patterns)[:5].tolist()
    [0, 1, 2, 3, 4]
    >>> train_memory(patterns, rule="pseudo-inverse")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: rule is 'pseudo-inverse'; allowed: hebbian, iterative, storkey, pseudo_inverse, krauth_mezard, ...
    """
    arguments.one_of("rule", rule, allowed=learning_rules.RULES)
    shipped = RULES.get(rule, {})
    if rule == "dense" and settings.get("energy") == "exponential":
        shipped = {"exponent": None}
    chosen = arguments.settings_of(f"the rule {rule}", settings, RULE_SETTINGS[rule], shipped=shipped)
    stored = arguments.patterns_of_signs("patterns", patterns)
    number = np.arange(len(stored))
    answers = number.copy() if labels is None else arguments.labels_of("labels", labels, len(stored))
    drawn = checked_bits(arguments.whole("seed", seed, low=0))
    return learning_rules.train(stored, answers, number, {"rule": rule, **chosen}, generator=drawn).memory


def attack(
    classifier: Any,
    patterns: ArrayLike,
    labels: ArrayLike,
    *,
    method: str = "gradient_flips",
    budgets: Sequence[int] | None = None,
    seed: int = 0,
    **settings: Any,
) -> "Flipped":
    """Flip few bits of patterns (B, N) of ±1 so that a model answers otherwise than ``labels`` (B,).

    Args:
        classifier: any model: one of the project, a PyTorch module, or an object with ``predict`` (`as_classifier`).
        method: one of `binary_attacks.METHODS`; ``settings`` are its own, which else are as shipped. ``label_search``
            starts at these patterns.
        budgets: numbers of flipped bits, ascending, up to N; what would take more than the last counts as not found. By
            default 1, 2, 4 ... 64, as far as there are bits.
        seed: of what the attack draws.

    Returns:
        `flips.Flipped`: ``flips`` (B,), 0 where the model errs without, -1 where nothing was found; ``mask`` (B, N) of
        the flipped bits.

    Raises:
        ValueError: the method or a setting of it is unknown, or a value is not allowed.
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
    from weightspace.attacks import binary_attacks, flips  # here, because memories need no PyTorch

    arguments.one_of("method", method, allowed=binary_attacks.METHODS)
    shipped = ATTACKS.get(method, {})
    chosen = arguments.settings_of(f"the method {method}", settings, ATTACK_SETTINGS[method], shipped=shipped)
    model, images, answers = _labelled(classifier, patterns, labels)
    size = images.shape[1]
    numbers = [budget for budget in BUDGETS if budget <= size] if budgets is None else budgets
    most = arguments.counts("budgets", numbers, low=1, high=size)
    source = np.random.default_rng(attack_seed(method, arguments.whole("seed", seed, low=0)))
    means = binary_attacks.Means(model, most, images, source)
    found = binary_attacks.attack(means, {"method": method, "budgets": most, **chosen}, images, answers)
    return flips.within(found, most[-1])


def _labelled(classifier, patterns, labels, *, most=arguments.MOST_LABELS):
    """A model, patterns that it takes, and their labels."""
    model = as_classifier(classifier)
    size = None if model.stored is None else model.stored.shape[1]
    images = arguments.patterns_of_signs("patterns", patterns, size=size)
    answers = arguments.labels_of("labels", labels, len(images), most=most)
    try:
        model.predict(images[:1].copy())
    except Exception as error:  # whatever a model of somebody else's may raise
        reason = " ".join(str(error).split())
        raise ValueError(f"classifier cannot answer patterns of {images.shape[1]} pixels: {reason}") from error
    return model, images, answers


def canonical_form(
    network: Any, *, shape: Sequence[int] | None = None
) -> list[tuple[Shaped[np.ndarray, "out in ..."], Shaped[np.ndarray, " out"]]]:
    """The representative of all equioutput copies of a network: `canonical.canonical_form` of its layers.

    Args:
        network: a PyTorch module or a network of the project: layers of weights and biases, each of which feeds the
            next one only, with odd activations between them. It is asked, by running it with copies of its weights,
            whether it is that (`asked_networks`).
        shape: of one image as a module takes it, such as (1, 28, 28); by default as many values as the first layer
            has inputs.

    Returns:
        Layers, each a pair of weights (out, in) and biases (out,); equal, bit for bit, for all copies.

    Raises:
        TypeError: it is no network.
        ValueError: its units cannot be flipped or interchanged without a change of its outputs.

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
    from weightspace.symmetry import asked_networks, canonical

    module, taken = module_of(network, arguments.image_shape("shape", shape))
    return canonical.canonical_form(asked_networks.layers_with_signs(module, taken))


def distance(first: Any, second: Any, *, shape: Sequence[int] | None = None) -> float:
    """How far two networks of the same shapes lie apart: the Euclidean distance over all weights and biases between the
    first and the nearest copy of the second, that of `align`, which has the same arguments and errors.

    >>> import torch
    >>> module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    >>> distance(module, module)
    0.0
    """
    return _aligned(first, second, shape)[1].distance


def align(first: Any, second: Any, *, shape: Sequence[int] | None = None) -> "Alignment":
    """The copy of the second network that is nearest to the first, exact for one hidden layer, else the best one found
    (`alignment.align`).

    Args:
        first, second: of the same shapes, as of `canonical_form`. Where the activation is not odd, copies are
            interchanges of units alone.
        shape: as of `canonical_form`.

    Returns:
        `alignment.Alignment`: ``layers`` of the copy, ``transformation``, ``distance``, ``angle``, ``exact``.

    Raises:
        TypeError: one of them is no network.
        ValueError: their shapes or symmetries differ, or units cannot be interchanged without a change of the outputs.

    >>> import torch
    >>> one, other = (torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2)) for _ in "ab")
    >>> align(one, other).exact
    True
    """
    return _aligned(first, second, shape)[1]


def _aligned(first, second, shape):
    """Layers of the first network, the alignment of the second, and what runs the first with other layers."""
    from weightspace.symmetry import alignment, asked_networks

    size, asked = arguments.image_shape("shape", shape), []
    for name, network in (("first", first), ("second", second)):
        asked.append(asked_networks.ask_and_run(*module_of(network, size, name=name), name=name))
    layers, kinds, run = zip(*asked, strict=True)
    if kinds[0] != kinds[1]:
        raise ValueError(
            f"first has units with {kinds[0]}, second with {kinds[1]}, that leave the outputs as they are; allowed:"
            " networks of one kind of activation"
        )
    return layers[0], alignment.align(*layers, kind=kinds[0], restarts=10), run[0]


def barrier(
    first: Any,
    second: Any,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    loss: str = "cross_entropy",
    points: int = 11,
    shape: Sequence[int] | None = None,
) -> dict[str, float]:
    """By how much loss and error rise on the straight line from the first network to the nearest copy of the second
    (`align`), above the line between their values at its ends (`barriers.barrier`); in double precision.

    Args:
        first, second, shape: as of `align`.
        images: (B, ...), numbers as the networks take them; labels (B,).
        loss: one of `barriers.LOSSES`.
        points: between the ends, evenly spaced.

    Returns:
        loss_barrier, error_barrier, and the distance of the ends.

    Raises:
        TypeError, ValueError: as of `align`, or images, labels or loss are none that can be used.

    >>> import numpy as np
    >>> import torch
    >>> module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    >>> max(barrier(module, module, np.eye(4), [0, 1, 0, 1]).values()) < 1e-12
    True
    """
    from weightspace.symmetry import barriers

    shown = arguments.images("images", images)
    name = arguments.one_of("loss", loss, barriers.LOSSES)
    count = arguments.whole("points", points, low=1)
    layers, found, run = _aligned(first, second, shape)
    layers = [(weights.astype(np.float64), biases.astype(np.float64)) for weights, biases in layers]
    answers = arguments.labels_of("labels", labels, len(shown), most=run(layers, shown[:1]).shape[-1])

    def measure(between):
        return barriers.loss_and_error(run(between, shown), answers, name)

    rise, errors = barriers.barrier(layers, found.layers, measure, points=count)
    return {"loss_barrier": float(rise), "error_barrier": float(errors), "distance": found.distance}


def local_learning_coefficient(
    network: Any,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    loss: str = "cross_entropy",
    localisation: float = 1.0,
    chains: int = 8,
    steps: int = 2000,
    settling: int = 1000,
    seed: int = 0,
) -> "LocalCoefficient":
    """The local learning coefficient of a network's weights, half the number of weights that count: d / 2 at a regular
    minimum of d weights, less where some do not matter (`local_learning.local_learning_coefficient`).

    Args:
        network: a PyTorch module of any architecture, or a network of the project; of weights where the loss on these
            images is least.
        images: (B, ...), numbers as the network takes them; labels (B,). Their number is n.
        loss: one of `training.LOSSES`.
        localisation: γ; the larger, the nearer to the weights is looked.
        chains, steps, settling: as of the function named above.
        seed: of what is drawn.

    Returns:
        `local_learning.LocalCoefficient`: ``estimate`` with its interval, ``accepted`` and ``mixing``, which is no more
        than 1.1 where the chains have met.

    Raises:
        TypeError: it is no network.
        ValueError: images, labels or a setting are none that can be used.

    >>> import numpy as np
    >>> import torch
    >>> module = torch.nn.Linear(2, 2)
    >>> images = np.random.default_rng(0).normal(size=(50, 2))
    >>> found = local_learning_coefficient(module, images, np.arange(50) % 2, chains=3, steps=20, settling=25)
    >>> found.estimate.seeds
    3
    """
    from weightspace.networks.training import LOSSES
    from weightspace.weight_space import local_learning, module_objective

    shown = arguments.images("images", images)
    module, _ = module_of(network)
    name = arguments.one_of("loss", loss, LOSSES)
    answers = arguments.labels_of("labels", labels, len(shown))
    objective, weights = module_objective.objective_of(module, shown, answers, loss=name)
    return local_learning.local_learning_coefficient(
        objective,
        weights,
        images=len(shown),
        localisation=arguments.number("localisation", localisation, low=0, high=1e12, above=True),
        chains=arguments.whole("chains", chains, low=3),
        steps=arguments.whole("steps", steps, low=2),
        settling=arguments.whole("settling", settling, low=0),
        generator=generator(arguments.whole("seed", seed, low=0), "local learning coefficient"),
    )


def count_partition(
    classifier: Any,
    patterns: ArrayLike,
    labels: ArrayLike,
    *,
    radii: Sequence[int] = (1, 2, 3),
    trained: ArrayLike | None = None,
    largest: int = 25,
) -> pd.DataFrame:
    """Count ``P_u = P_t + P_g + P_a + P_r`` exactly: ask a model for all 2^N patterns around labelled images (M, N) of
    few pixels.

    Args:
        classifier: a memory whose stored patterns are among the images, a network, or any other model
            (`as_classifier`).
        patterns, labels: the images D (M, N) of ±1 and their labels (M,), from 0 to 15.
        radii: Hamming distances (bits), ascending, within which a pattern counts as near an image.
        trained: (M,) bool, the images that the model has learnt from; by default all. Of a memory it is what it stores,
            whatever this says.
        largest: bits up to which all patterns are visited; 25 takes a minute and 1.4 GB.

    Returns:
        A DataFrame, a row for each read-out and radius, the parts as columns of exact integers: P_t, P_g, P_a, P_r, and
        the kinds of P_a, P_adv, P_err and P_none.

    Raises:
        ValueError: an argument is not allowed, or a memory stores what is none of the images.
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

    model, images, answers = _labelled(classifier, patterns, labels, most=MOST_CLASSES)
    near = arguments.counts("radii", radii, low=0, high=images.shape[1])
    is_training = np.ones(len(images), dtype=bool)
    if trained is not None:
        is_training = arguments.flags("trained", trained, len(images))
    bits = arguments.whole("largest", largest, low=1)
    space = enumeration.Space(labelled_images.collect(images, answers, is_training), largest=bits)
    shells, _, _ = enumeration.count_models(space, {"": model})
    rows = tables.exact_partition(shells.assign(dataset="", bits=space.size, seed=0), near)
    table = rows.assign(count=rows["count"].map(int)).pivot(index=["readout", "radius"], columns="part", values="count")
    kept = ["P_t", "P_g", "P_a", "P_r", "P_adv", "P_err", "P_none"]
    in_order = rows[["readout", "radius"]].drop_duplicates()
    return in_order.join(table[kept], on=["readout", "radius"]).reset_index(drop=True)
