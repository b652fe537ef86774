"""The canonical form of a network under interchanges and sign flips of its hidden units: one representative of each set
of equioutput copies.

Layer by layer, from the input on, each unit is flipped to a positive bias, and units are sorted by bias. It tells
whether two networks are copies of one another, and nothing about how far apart they are: two networks close together
can have canonical forms far apart (see `alignment`).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int64

from weightspace.compiled import compiled
from weightspace.networks.weight_layers import Layer, Layers, hidden_widths
from weightspace.symmetry.equioutput_group import Transformation, apply, identity

# Layers of n networks of the same shapes.
Stack = Sequence[tuple[Float[np.ndarray, "_ _ _ ..."], Float[np.ndarray, "_ _"]]]


def canonical_form(layers: Layers) -> list[Layer]:
    """The copy of a network in the wedge ``0 < b_1 < b_2 < ...`` of each hidden layer.

    Ties: a unit without bias gets the sign that makes the first of its incoming weights that is not zero positive;
    units with equal biases are sorted by their signed incoming weights. In the last hidden layer outgoing weights
    decide what is still open. -0.0 becomes +0.0, so that all copies of a network have the same form, bit for bit.

    Raises:
        ValueError: in a hidden layer below another one, units with equal biases and incoming weights, or without any,
            differ in what they feed: the layer above is not sorted yet, so it cannot tell them apart.
    """
    return [
        (weights[0], biases[0])
        for weights, biases in canonical_forms([(weights[None], biases[None]) for weights, biases in layers])
    ]


def canonical_forms(layers: Stack, *, out: Stack | None = None) -> Stack:
    """Canonical forms of n networks at once: weights (n, out, in, ...) and biases (n, out) of each layer, as in
    `canonical_form`.

    ``out`` takes layers of the same shapes, contiguous in memory, to write into, which spares new memory.

    Raises:
        ValueError: as in `canonical_form`, or ``out`` is not contiguous.
    """
    if out and not all(weights.flags.c_contiguous for weights, _ in out):
        raise ValueError("out has weights that are not contiguous in memory; allowed: C-contiguous arrays")
    forms = out or [(np.empty_like(weights), np.empty_like(biases)) for weights, biases in layers]
    (first, _), *others = layers
    for number in range(len(layers[0][1])):
        network = [(weights[number], biases[number]) for weights, biases in layers]
        transformation = canonical_transformation(network)
        # The first layer is nearly all of a network: it is read and written once. The others go through
        # `equioutput_group.apply` as they are.
        if others:
            rows = (first.shape[1], -1)
            negative = transformation.factors[0] < 0
            _write_rows(
                first[number].reshape(rows), transformation.permutations[0], negative, forms[0][0][number].reshape(rows)
            )
        rest = apply(transformation, [(network[0][0][:, :0] if others else network[0][0], network[0][1]), *network[1:]])
        for place, ((weights, biases), (all_weights, all_biases)) in enumerate(zip(rest, forms, strict=True)):
            if place or not others:
                np.add(weights, 0.0, out=all_weights[number])  # -0.0 becomes +0.0
            np.add(biases, 0.0, out=all_biases[number])
    return forms


@compiled
def _write_rows(weights, permutation, negative, out):
    """Rows of ``weights`` (H, K) in the order of the permutation, those marked with the other sign; -0.0 becomes +0.0
    either way.
    """
    zero = weights.dtype.type(0)
    for unit in range(len(permutation)):
        source = permutation[unit]
        if negative[unit]:
            for column in range(weights.shape[1]):
                out[unit, column] = zero - weights[source, column]
        else:
            for column in range(weights.shape[1]):
                out[unit, column] = weights[source, column] + zero


def canonical_transformation(layers: Layers) -> Transformation:
    """The `equioutput_group.Transformation` that takes a network to its canonical form; see `canonical_form` for ties
    and errors.
    """
    found = identity(hidden_widths(layers))
    permutations, factors = list(found.permutations), list(found.factors)
    for number, ((weights, biases), (following, _)) in enumerate(pairwise(layers)):
        if number:
            weights = (
                _columns(weights, len(permutations[number - 1]))[:, permutations[number - 1]]
                * factors[number - 1][:, None]
            )
        magnitude = np.abs(biases)
        order = np.argsort(magnitude)
        ordered = magnitude[order]
        if len(order) and ordered[0] > 0 and (ordered[1:] > ordered[:-1]).all():
            permutations[number], factors[number] = order, np.where(biases[order] < 0, -1.0, 1.0)
        else:
            outgoing = _columns(following, len(biases)).swapaxes(0, 1).reshape(len(biases), -1)
            is_last = number == len(layers) - 2
            permutations[number], factors[number] = _order_with_ties(
                biases, weights.reshape(len(biases), -1), outgoing, number, is_last
            )
    return Transformation(tuple(permutations), tuple(factors))


def _columns(weights: np.ndarray, units: int) -> np.ndarray:
    """Weights (out, units, columns of one unit)."""
    return weights.reshape(len(weights), units, -1)


def _order_with_ties(
    biases: Float[np.ndarray, "H"],
    incoming: Float[np.ndarray, "H a"],
    outgoing: Float[np.ndarray, "H b"],
    number: int,
    is_last: bool,
) -> tuple[Int64[np.ndarray, "H"], Float[np.ndarray, "H"]]:
    """Order and signs of the units of one layer in which biases alone do not decide."""
    known = np.concatenate([biases[:, None], incoming], axis=1)
    if is_last:
        known = np.concatenate([known, outgoing], axis=1)
    first = (known != 0).argmax(axis=1)
    signs = np.where(known[np.arange(len(known)), first] < 0, -1.0, 1.0)
    signed = known * signs[:, None]
    order = np.lexsort(signed.T[::-1])
    if not is_last:
        _refuse_open_ties(signed[order], (outgoing * signs[:, None])[order], number)
    return order, signs[order]


def _refuse_open_ties(signed: Float[np.ndarray, "H a"], outgoing: Float[np.ndarray, "H b"], number: int) -> None:
    """Refuse units that the layer above alone could tell apart: their order, or their sign, would not be the same for
    all copies.
    """
    without_sign = (signed == 0).all(axis=1) & (outgoing != 0).any(axis=1)
    alike = (signed[1:] == signed[:-1]).all(axis=1) & (outgoing[1:] != outgoing[:-1]).any(axis=1)
    if without_sign.any() or alike.any():
        raise ValueError(
            f"hidden layer {number} has units with equal biases and incoming weights, or without any, below another"
            " hidden layer; allowed: units that differ, or a single hidden layer"
        )
