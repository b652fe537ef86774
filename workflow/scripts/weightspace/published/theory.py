"""Published numbers that follow from a formula or from counting: nothing is drawn, nothing is learnt."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from weightspace.data.hypercube import ball_size, sphere_size
from weightspace.memories.dense import DenseMemory, power_memory
from weightspace.memories.dense_energy import Interaction
from weightspace.published.quantities import Quantities
from weightspace.retrieval.capacity_tables import literature
from weightspace.retrieval.mean_field import critical_load, critical_overlap
from weightspace.symmetry.equioutput_group import group_order
from weightspace.weight_space.dichotomies import (
    count_dichotomies,
    gardner_capacity,
    separable_labellings,
    share_of_dichotomies,
)

_NEURONS = 100  # of Krotov & Hopfield's examples
# The truth table of XOR: two inputs and the output, +1 for true.
_EXCLUSIVE_OR = np.array([[-1, -1, -1], [-1, 1, 1], [1, -1, 1], [1, 1, -1]], dtype=np.int8)
_OUTPUT = np.array([2])
_CORNERS = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])  # of a square, four points in general position


def counted(settings: Mapping[str, Any]) -> Quantities:
    """Capacities by formula, and numbers of patterns, copies and dichotomies."""
    capacities = {
        f"dense_capacity_{n}": _NEURONS * literature({"rule": "dense", "exponent": n}, _NEURONS)[0].load
        for n in (2, 3, 4)
    }
    with_bias = np.column_stack([_CORNERS, np.ones(len(_CORNERS))])
    return capacities | {
        "critical_load": critical_load(),
        "critical_overlap": critical_overlap(),
        "gardner_0": gardner_capacity(0.0),
        "gardner_1": gardner_capacity(1.0),
        "cover_half": float(share_of_dichotomies(2 * _NEURONS, _NEURONS)),
        "cover_square": count_dichotomies(4, 3),
        "separable_square": separable_labellings(with_bias),
        "copies_10": group_order([10]),
        "ball_100_5": ball_size(100, 5),
        "sphere_784_3": sphere_size(784, 3),
    }


def exclusive_or(settings: Mapping[str, Any]) -> Quantities:
    """Whether memories of the truth table of XOR solve it: 1 if, with the inputs held, the output becomes right from
    either start. A tie keeps the start, and so solves nothing.
    """
    nobody = np.arange(len(_EXCLUSIVE_OR))
    rectified = {
        f"rectified_{n}": DenseMemory(_EXCLUSIVE_OR, nobody, nobody, Interaction("polynomial", n), {}) for n in (2, 3)
    }
    powers = {f"power_{n}": power_memory(_EXCLUSIVE_OR, n) for n in (1, 2, 3, 5)}
    starts = np.concatenate([_EXCLUSIVE_OR, _EXCLUSIVE_OR * np.array([1, 1, -1], dtype=np.int8)])
    right = np.concatenate([_EXCLUSIVE_OR, _EXCLUSIVE_OR])
    return {
        name: int((memory.complete(starts, _OUTPUT).states == right).all())
        for name, memory in (powers | rectified).items()
    }
