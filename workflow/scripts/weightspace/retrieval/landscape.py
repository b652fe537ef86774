"""Energy over a two-dimensional grid of patterns through three stored ones (figures 2, 4 and 5)."""

from functools import partial

import numpy as np
from jaxtyping import Float64, Int8

from weightspace.memories import quadratic_rules
from weightspace.memories.hopfield import energy
from weightspace.memories.memory import AssociativeMemory


def grid_patterns(
    corners: Int8[np.ndarray, "3 N"], *, steps: int, generator: np.random.Generator
) -> tuple[Float64[np.ndarray, " G"], Int8[np.ndarray, "G G N"], int, int]:
    """Patterns on a grid that holds the three ``corners`` x0, x1, x2 at (0, 0), (1, 0) and (0, 1).

    From x0, going along u flips, in random order, the bits in which only x1 differs; along v those in which only x2
    differs; the bits in which both differ follow max(u, v). Below 0 and above 1 bits on which the three agree are
    flipped, a block of its own for each of the four directions, so the distance goes on growing.

    Args: ``steps``, even, from one corner to the next, so that the grid, which reaches half as far beyond them, holds
    the corners.

    Returns: the axis, values of u and v, with G = 2 steps + 1; the patterns, indexed [u, v]; and the bits flipped per
    unit of u and of v.
    """
    x0, x1, x2 = corners
    axis = np.arange(-steps // 2, steps + steps // 2 + 1) / steps
    points = len(axis)
    only_1, only_2, both = ((x1 != x0) & (x2 == x0), (x2 != x0) & (x1 == x0), (x1 != x0) & (x2 != x0))
    shuffled = [
        generator.permutation(np.flatnonzero(mask)) for mask in (only_1, only_2, both, ~(only_1 | only_2 | both))
    ]
    agreed = np.array_split(shuffled[3], 4)
    u, v = np.meshgrid(axis, axis, indexing="ij")
    patterns = np.broadcast_to(x0, (points, points, len(x0))).copy()
    for bits, reach in ((shuffled[0], u), (shuffled[1], v), (shuffled[2], np.maximum(u, v))):
        _flip(patterns, bits, np.clip(reach, 0, 1), len(bits))
    beyond = ((-u, shuffled[0]), (u - 1, shuffled[0]), (-v, shuffled[1]), (v - 1, shuffled[1]))
    for bits, (reach, inner) in zip(agreed, beyond, strict=True):
        _flip(patterns, bits, np.clip(reach, 0, None), len(inner))
    return axis, patterns, len(shuffled[0]), len(shuffled[1])


def _flip(patterns, bits, share, per_unit):
    """Flip, at each grid point, the first ``share · per_unit`` of ``bits`` (all of them at most)."""
    count = np.minimum(np.rint(share * per_unit).astype(int), len(bits))
    mask = np.arange(len(bits)) < count[..., None]  # (G, G, bits)
    patterns[..., bits] *= np.where(mask, -1, 1).astype(np.int8)


def map_landscape(memory: AssociativeMemory, *, steps: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Energies over the grid, before learning (the Hebbian matrix that iterative learning starts from) and after.

    Returns: dict of arrays for the figures; x0, x1, x2 are the first three stored patterns, which are of three classes.
    """
    corners = memory.patterns[:3]
    axis, patterns, bits_u, bits_v = grid_patterns(corners, steps=steps, generator=generator)
    flat = patterns.reshape(-1, patterns.shape[-1])
    start = quadratic_rules.hebbian(memory.patterns)
    energies = {}
    for when, energy_of in (("before", partial(energy, start)), ("after", memory.energy)):
        energies[when] = energy_of(flat).reshape(len(axis), len(axis))
        energies[f"energy_{when}"] = energy_of(corners)
    return {
        "u": axis,
        "v": axis,
        **energies,
        "stored": np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
        "labels": memory.labels[:3],
        "hamming_u": np.array(bits_u),
        "hamming_v": np.array(bits_v),
        "images": corners,
    }
