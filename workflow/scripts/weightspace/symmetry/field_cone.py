"""The cone of all symmetric matrices that give the local fields of given states the same signs: what a memory's weights
may become unnoticed.

``x_i (V s)_i > 0`` for each given state s, with x its next state by W, is a half-space of matrices V for every neuron
i; all of them together are a convex polyhedral cone (docs/theory.md, proposition 10). Its matrices give the same
synchronous recall from every one of these states, and the same fixed points among them. States in which a field is 0
lie on a wall; they are left out.
"""

import numpy as np
from jaxtyping import Bool, Float, Int, Int8, Int32

from weightspace.memories import hopfield
from weightspace.memories.hopfield import quantise


def without_ties(weights: Int[np.ndarray, "N N"], states: Int[np.ndarray, "S N"]) -> Bool[np.ndarray, "S"]:
    """Which of the states have no local field of 0, by integer weights."""
    return (hopfield.fields(weights, states) != 0).all(axis=1)


def is_member(
    weights: Int[np.ndarray, "N N"], states: Int[np.ndarray, "S N"], following: Int[np.ndarray, "S N"]
) -> bool:
    """Whether integer weights take each of ``states`` to ``following``, every field deciding; exact."""
    return bool((following * hopfield.fields(weights, states) > 0).all())


def interior_point(
    weights: Int[np.ndarray, "N N"], states: Int8[np.ndarray, "S N"], *, steps: int, generator: np.random.Generator
) -> Int32[np.ndarray, "N N"]:
    """Another matrix of the cone of ``weights`` on ``states``, as integers with the exact membership checked.

    Hit and run (Smith 1984): along a random symmetric direction to a random point of the segment within the cone,
    ``steps`` times.

    Args:
        weights: symmetric, without diagonal.
        states: ±1, without ties.

    Returns:
        a matrix on a scale of its own.

    Raises:
        ValueError: a state has a field of 0, so the weights lie on no cone's inside.
        ArithmeticError: the walls are too near for integers.
    """
    fields = hopfield.fields(weights, states)
    if not fields.all():
        raise ValueError(
            f"{int((fields == 0).any(axis=1).sum())} of {len(states)} states have a local field of 0; give states"
            " without ties"
        )
    following = np.sign(fields)
    ahead, reals = following.astype(np.float64), states.astype(np.float64)
    length = np.linalg.norm(weights)
    point, room = weights / length, np.abs(fields) / length
    for _ in range(steps):
        direction = _without_diagonal(generator.standard_normal(weights.shape))
        slope = ahead * (reals @ direction)
        step = generator.uniform(*_segment(room, slope))
        point, room = point + step * direction, room + step * slope
    found, _ = quantise(point)
    if not is_member(found, states, following):
        raise ArithmeticError("rounding to integers left the cone, whose walls are too near; give fewer states")
    return found


def _without_diagonal(matrix: Float[np.ndarray, "N N"]) -> Float[np.ndarray, "N N"]:
    symmetric = (matrix + matrix.T) / 2
    np.fill_diagonal(symmetric, 0)
    return symmetric


def _segment(room: Float[np.ndarray, "S N"], slope: Float[np.ndarray, "S N"]) -> tuple[float, float]:
    """The steps t, least and largest, at which no ``room + t slope`` is negative, drawn in a little; at most 1 in
    size.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        limits = -room / slope
    low, high = limits[slope > 0].max(initial=-1.0), limits[slope < 0].min(initial=1.0)
    return 0.999 * low, 0.999 * high
