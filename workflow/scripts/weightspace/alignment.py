"""Distance and angle between networks up to equioutput copies: the least over all interchanges and sign flips of hidden units.

For one hidden layer the nearest copy is a signed linear assignment, solved exactly. For more, layers are assigned in turns until none improves, as in
Git Re-Basin (Ainsworth, Hayase & Srinivasa 2023), here with signs: a copy at least, so an upper bound of the distance.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from weightspace.symmetry import Transformation, apply, compose, identity, random_transformation
from weightspace.weight_layers import hidden_widths

# Of the summed similarity: gains below it are rounding.
_GAIN = 1e-12


@dataclass(frozen=True)
class Alignment:
    """The copy of a network that is nearest to a reference.

    ``layers`` (float64) is that copy, ``transformation`` what leads to it, ``distance`` Euclidean over all weights and biases, ``angle`` in degrees
    as seen from the origin. ``exact`` says whether no copy is nearer, as is sure for one hidden layer; else both are upper bounds.
    """

    layers: list
    transformation: Transformation
    distance: float
    angle: float
    exact: bool


def align(reference, other, *, signs=True, restarts=0, generator=None):
    """The copy of ``other`` nearest to ``reference``, as an `Alignment`.

    Args:
        reference, other: layers of the same shapes, as in `weight_layers`.
        signs: whether units may be flipped, which needs an odd activation.
        restarts: how many random copies are tried as further starts where there is more than one hidden layer.
        generator: numpy Generator for them.

    Raises:
        ValueError: the networks' shapes differ.
    """
    shapes = [[weights.shape for weights, _ in layers] for layers in (reference, other)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"networks of the shapes {shapes[0]} and {shapes[1]} cannot be aligned; expected the same shapes")
    # In single precision, rounding could look like a gain for ever.
    reference, other = ([(weights.astype(np.float64), biases.astype(np.float64)) for weights, biases in layers] for layers in (reference, other))
    widths = hidden_widths(reference)
    if len(widths) == 1:
        starts = [identity(widths)]
    else:
        kind = "signs" if signs else "interchanges"
        starts = [_by_incoming(reference, other, signs), identity(widths)]
        starts += [random_transformation(widths, generator=generator, kind=kind) for _ in range(restarts)]
    found = [_improve(reference, other, start, signs) for start in starts]
    transformation, layers = min(found, key=lambda result: distance(reference, result[1]))
    return Alignment(layers, transformation, distance(reference, layers), angle(reference, layers), len(widths) == 1)


def distance(first, second):
    """Euclidean distance of two networks as they stand, over all weights and biases."""
    return float(np.sqrt(sum(np.square(a - b).sum() for one, two in zip(first, second, strict=True) for a, b in zip(one, two, strict=True))))


def angle(first, second):
    """Angle in degrees between two networks as they stand, seen from the origin; NaN where one of them is zero.

    From the lengths of sum and difference of the unit vectors (Kahan 2006), since the arc cosine loses small angles to rounding.
    """
    first, second = (np.concatenate([part.ravel() for layer in layers for part in layer]).astype(np.float64) for layers in (first, second))
    with np.errstate(invalid="ignore"):
        first, second = first / np.linalg.norm(first), second / np.linalg.norm(second)
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(first - second), np.linalg.norm(first + second))))


def orbit_angles(networks):
    """Angles (n, n) in degrees between each two of ``networks``, each pair up to copies; upper bounds for more than one hidden layer."""
    angles = np.zeros((len(networks), len(networks)))
    for i, first in enumerate(networks):
        for j, second in enumerate(networks[:i]):
            angles[i, j] = angles[j, i] = align(first, second).angle
    return angles


def _by_incoming(reference, other, signs):
    """A start for several hidden layers: each assigned by its incoming weights and biases alone, from the input on."""
    found = identity(hidden_widths(reference))
    for number in range(len(reference) - 1):
        current = apply(found, other)
        found = compose(_assign(_incoming_similarity(reference, current, number), number, found.widths, signs)[0], found)
    return found


def _improve(reference, other, start, signs):
    """Assign layer after layer until none brings the copy nearer: the transformation and the copy."""
    found, current = start, apply(start, other)
    stable = 0
    while stable < len(reference) - 1:
        for number in range(len(reference) - 1):
            step, gain, scale = _assign(_similarity(reference, current, number), number, found.widths, signs)
            if gain > _GAIN * scale:
                found, current, stable = compose(step, found), apply(step, current), 0
            else:
                stable += 1
    return found, current


def _incoming_similarity(reference, other, number):
    (weights, biases), (other_weights, other_biases) = reference[number], other[number]
    units = len(biases)
    return weights.reshape(units, -1) @ other_weights.reshape(units, -1).T + np.outer(biases, other_biases)


def _similarity(reference, other, number):
    """Inner products (H, H) of the units of a hidden layer of both networks, over incoming weights, bias and outgoing weights."""
    units = len(reference[number][1])
    outgoing, other_outgoing = (
        layers[number + 1][0].reshape(-1, units, layers[number + 1][0][0].size // units).swapaxes(0, 1).reshape(units, -1)
        for layers in (reference, other)
    )
    return _incoming_similarity(reference, other, number) + outgoing @ other_outgoing.T


def _assign(similarity, number, widths, signs):
    """The best transformation of one hidden layer for unit similarities (H, H), what it gains, and the sum that the gain is part of."""
    worth = np.abs(similarity) if signs else similarity
    units, chosen = linear_sum_assignment(worth, maximize=True)
    still = identity(widths)
    permutations, factors = list(still.permutations), list(still.factors)
    permutations[number] = chosen
    factors[number] = np.where(similarity[units, chosen] < 0, -1.0, 1.0) if signs else factors[number]
    best = worth[units, chosen].sum()
    return Transformation(tuple(permutations), tuple(factors)), best - np.trace(similarity), np.abs(similarity).max() * len(units)
