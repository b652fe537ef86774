"""The equioutput group: what can be done to the hidden units of a feed-forward network without changing any output.

Units of a hidden layer can be interchanged; where their activation is odd, any of them can be flipped, its incoming
weights, bias and outgoing weights all with the other sign; where it is positively homogeneous (ReLU), any can be
rescaled, its outgoing weights by the inverse. For H odd units these are 2^H · H! transformations, the hyperoctahedral
group; over several hidden layers the group is their product.

Sources: Hecht-Nielsen, "On the algebraic structure of feedforward network weight spaces" (1990); Chen, Lu &
Hecht-Nielsen, "On the geometry of feedforward neural network error surfaces" (1993); for ReLU, Neyshabur, Salakhutdinov
& Srebro (2015).
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from weightspace.networks.weight_layers import Layer, Layers

# What units of an activation admit besides interchanges. Max-pooling after an odd activation leaves only these.
SYMMETRIES = {"tanh": "signs", "relu": "scales"}
KINDS = ("signs", "scales", "interchanges")


@dataclass(frozen=True)
class Transformation:
    """One element of the group.

    For each hidden layer, ``permutations`` holds an array of positions and ``factors`` one of numbers: unit k of the
    transformed network is unit ``permutations[k]`` of the old one, its incoming weights and bias times ``factors[k]``,
    its outgoing weights divided by it.
    """

    permutations: tuple[Int[np.ndarray, "_"], ...]
    factors: tuple[Float[np.ndarray, "_"], ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of units of the hidden layers."""
        return tuple(map(len, self.permutations))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Transformation):
            return NotImplemented
        pairs = zip(self.permutations + self.factors, other.permutations + other.factors, strict=False)
        return self.widths == other.widths and all(np.array_equal(mine, yours) for mine, yours in pairs)

    __hash__ = None  # type: ignore[assignment]  # it holds arrays


def symmetry_of(activation: str) -> str:
    """The kind of symmetry, one of `KINDS`, of an activation.

    Raises:
        ValueError: an activation of which nothing is known.
    """
    if activation not in SYMMETRIES:
        raise ValueError(f"activation is {activation!r}; the equioutput group is known for {', '.join(SYMMETRIES)}")
    return SYMMETRIES[activation]


def require_odd(activation: str) -> None:
    """Refuse activations whose units cannot be flipped.

    Raises:
        ValueError: the activation is not odd.
    """
    if symmetry_of(activation) != "signs":
        odd = ", ".join(name for name, kind in SYMMETRIES.items() if kind == "signs")
        raise ValueError(
            f"activation is {activation!r}, which is not odd, so flipping a unit's signs changes the output; allowed:"
            f" {odd}"
        )


def identity(widths: Sequence[int]) -> Transformation:
    """The transformation that changes nothing, for hidden layers of ``widths`` units."""
    return Transformation(tuple(np.arange(width) for width in widths), tuple(np.ones(width) for width in widths))


def compose(after: Transformation, before: Transformation) -> Transformation:
    """The transformation that does ``before`` and then ``after``: ``apply(compose(a, b), w) = apply(a, apply(b,
    w))``.
    """
    permutations = tuple(old[new] for new, old in zip(after.permutations, before.permutations, strict=True))
    moved = (old[new] for new, old in zip(after.permutations, before.factors, strict=True))
    return Transformation(permutations, tuple(factor * old for factor, old in zip(after.factors, moved, strict=True)))


def invert(transformation: Transformation) -> Transformation:
    """The transformation that undoes another."""
    back = tuple(np.argsort(permutation) for permutation in transformation.permutations)
    return Transformation(
        back, tuple(1 / factor[place] for factor, place in zip(transformation.factors, back, strict=True))
    )


def apply(transformation: Transformation, layers: Layers, *, out: list[Layer] | None = None) -> list[Layer]:
    """A network with the same outputs: ``layers`` as in `weight_layers`, with their hidden units interchanged and
    multiplied.

    Sign flips and interchanges are exact to the last bit. ``out`` takes layers of the same shapes to write into.
    """
    out = out or [(np.empty_like(weights), np.empty_like(biases)) for weights, biases in layers]
    last = len(layers) - 1
    for number, ((weights, biases), (new_weights, new_biases)) in enumerate(zip(layers, out, strict=True)):
        if number:
            permutation, factor = (
                transformation.permutations[number - 1],
                transformation.factors[number - 1].astype(weights.dtype),
            )
            grouped = weights.reshape(len(weights), len(permutation), -1)  # (out, H, columns of one unit)
            weights = (grouped[:, permutation] / factor[:, None]).reshape(weights.shape)
        if number == last:
            new_weights[...], new_biases[...] = weights, biases
        else:
            permutation, factor = (
                transformation.permutations[number],
                transformation.factors[number].astype(weights.dtype),
            )
            # Positions of a permutation are never out of range, and "clip" spares a buffer.
            np.take(weights, permutation, axis=0, out=new_weights, mode="clip")
            new_weights *= factor.reshape(-1, *[1] * (weights.ndim - 1))
            np.multiply(biases[permutation], factor, out=new_biases)
    return out


def random_transformation(
    widths: Sequence[int], *, generator: np.random.Generator, kind: str = "signs"
) -> Transformation:
    """A random element for hidden layers of ``widths`` units: uniform over interchanges and signs; scales are
    log-normal.

    Args:
        kind: one of `KINDS`.
    """
    draws: dict[str, Callable[[int], np.ndarray]] = {
        "signs": lambda width: generator.choice([-1.0, 1.0], size=width),
        "scales": lambda width: np.exp(generator.standard_normal(width)),
        "interchanges": lambda width: np.ones(width),
    }
    permutations = tuple(generator.permutation(width) for width in widths)
    return Transformation(permutations, tuple(draws[kind](width) for width in widths))


def transformations(widths: Sequence[int], *, kind: str = "signs") -> Iterator[Transformation]:
    """All elements, one after the other, the identity first.

    Raises:
        ValueError: ``kind`` is scales, of which there are infinitely many.
    """
    if kind == "scales":
        raise ValueError(
            "positive scales form a continuous group, which cannot be enumerated; allowed: signs, interchanges"
        )
    per_layer = []
    for width in widths:
        signs = itertools.product((1.0, -1.0), repeat=width) if kind == "signs" else [(1.0,) * width]
        per_layer.append(list(itertools.product(itertools.permutations(range(width)), signs)))
    for chosen in itertools.product(*per_layer):
        yield Transformation(
            tuple(np.array(order) for order, _ in chosen), tuple(np.array(signs) for _, signs in chosen)
        )


def group_order(widths: Sequence[int], *, kind: str = "signs") -> int:
    """Number of elements: the product over layers of ``2^H · H!`` for signs, of ``H!`` for interchanges.

    Raises:
        ValueError: ``kind`` is scales.
    """
    if kind == "scales":
        raise ValueError(
            "positive scales form a continuous group, which has no finite order; allowed: signs, interchanges"
        )
    flips = 2 if kind == "signs" else 1
    return math.prod(flips**width * math.factorial(width) for width in widths)
