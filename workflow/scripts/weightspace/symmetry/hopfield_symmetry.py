"""What interchanges and sign flips do to an associative memory, and which transformations its answers survive.

Musunuru et al., section II.C.2, find no evidence that sign flips and interchanges keep the results of a Hopfield
network. Its neurons are visible: interchanging or flipping them moves the patterns too (docs/theory.md, propositions 8
to 11). What corresponds to a network's hidden units are the stored patterns, a dense memory's hidden units (Krotov &
Hopfield 2021).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int, Int8

from weightspace.estimates import estimates_by, mean_over_seeds, share_of_seeds, share_over_seeds
from weightspace.memories import quadratic_rules
from weightspace.memories.memory import AssociativeMemory
from weightspace.memories.recall import Recall
from weightspace.symmetry.alignment import angle_of_vectors
from weightspace.symmetry.field_cone import interior_point, without_ties

SETTING = ("memory", "transformation", "relabelled", "order", "quantity")
SHARES = ("changed_states", "changed_labels")
_STEPS = 10  # of hit and run

States = Int8[np.ndarray, "B N"]
Rows = list[dict[str, Any]]


def move_states(
    states: Int[np.ndarray, "B N"], permutation: Int[np.ndarray, "N"], signs: Int[np.ndarray, "N"]
) -> Int[np.ndarray, "B N"]:
    """States with their neurons interchanged and flipped, as `AssociativeMemory.with_moved_neurons`."""
    return np.ascontiguousarray(states[:, permutation] * signs.astype(np.int8))


def of_neurons(
    size: int, generator: np.random.Generator
) -> Mapping[str, tuple[Int[np.ndarray, "N"], Int8[np.ndarray, "N"]]]:
    """Random transformations of the neurons: name to permutation and signs."""
    still, plus = np.arange(size), np.ones(size, dtype=np.int8)
    i, j = generator.choice(size, 2, replace=False)
    swapped, flipped = still.copy(), plus.copy()
    swapped[[i, j]], flipped[i] = [j, i], -1
    permutation, signs = generator.permutation(size), generator.choice(np.array([-1, 1], dtype=np.int8), size)
    return {
        "one_flip": (still, flipped),
        "one_interchange": (swapped, plus),
        "all_flips": (still, signs),
        "all_interchanges": (permutation, plus),
        "flips_and_interchanges": (permutation, signs),
    }


class _Comparison:
    """Final states of images (B, N) compared with those of the memory as it was; ``rows`` collects what differs."""

    def __init__(self, memory: AssociativeMemory, images: States) -> None:
        self.memory, self.images = memory, images
        self.rows: Rows = []
        self._before = {order: memory.recall(images, order=order) for order in ("sequential", "synchronous")}

    def add(
        self,
        transformation: str,
        final: States,
        *,
        relabelled: str = "nothing",
        order: str = "sequential",
        chosen: slice | Bool[np.ndarray, "all"] = slice(None),
    ) -> None:
        """Compare the final states of the ``chosen`` images; labels are read by the memory as it was, so what changes
        is recall alone.
        """
        before = _part(self._before[order], chosen)
        after = replace(before, states=final)
        changed = {
            "changed_states": int((final != before.states).any(axis=1).sum()),
            "changed_labels": int((self.memory.read(after) != self.memory.read(before)).sum()),
        }
        self._setting = {"transformation": transformation, "relabelled": relabelled, "order": order}
        self.rows += [
            {**self._setting, "quantity": quantity, "value": value, "n": len(final)}
            for quantity, value in changed.items()
        ]

    def add_angle(self, angle: float) -> None:
        """The angle in degrees by which the last transformation turned the weights."""
        self.rows.append({**self._setting, "quantity": "angle", "value": angle, "n": 1})


def _part(recalled: Recall, chosen: slice | Bool[np.ndarray, "all"]) -> Recall:
    found = {name: values[chosen] for name, values in vars(recalled).items() if values is not None}
    return replace(recalled, **found)


def measure_memory(
    memory: AssociativeMemory, images: Int8[np.ndarray, "B N"], *, draws: int, generator: np.random.Generator
) -> Rows:
    """Recall images before and after each transformation, ``draws`` times where it is drawn, once for other weights.

    Returns:
        transformation, relabelled (what is moved along: nothing, or patterns), order of updating,
        quantity, value, n: how many final states and labels differ, and, for matrices of a field cone, their angle to
        the weights in degrees.
    """
    compared = _Comparison(memory, images)
    for _ in range(draws):
        _move_neurons(compared, generator)
        if memory.hidden_units is not None:
            _move_hidden_units(compared, generator)
        elif memory.description["definition"]["rule"] == "hebbian":
            _move_stored(compared, generator)
    if memory.pair_weights is not None:
        _change_weights(compared, generator)
    return compared.rows


def _move_neurons(compared: _Comparison, generator: np.random.Generator) -> None:
    """Interchanges and flips of the neurons: by themselves, and with patterns and images moved along and the final
    states moved back.
    """
    images = compared.images
    for name, (permutation, signs) in of_neurons(images.shape[1], generator).items():
        moved, back = compared.memory.with_moved_neurons(permutation, signs), np.argsort(permutation)
        compared.add(name, moved.recall(images, order="sequential").states)
        for order in ("sequential", "synchronous"):
            final = moved.recall(move_states(images, permutation, signs), order=order).states
            compared.add(name, move_states(final, back, signs[back]), relabelled="patterns", order=order)


def _moved_patterns(
    patterns: Int8[np.ndarray, "P N"], generator: np.random.Generator
) -> tuple[Int8[np.ndarray, "P N"], Int8[np.ndarray, "P N"]]:
    """Stored patterns in another order, and each with a random sign."""
    signs = generator.choice(np.array([-1, 1], dtype=np.int8), len(patterns))
    return patterns[generator.permutation(len(patterns))], patterns * signs[:, None]


def _move_hidden_units(compared: _Comparison, generator: np.random.Generator) -> None:
    """Interchanges and flips of a dense memory's hidden units, the stored patterns; flips also with an even energy,
    F(z) + F(-z).
    """
    memory: Any = compared.memory  # a memory with hidden units, whose fields can be replaced
    images = compared.images
    interchanged, flipped = _moved_patterns(memory.patterns, generator)
    compared.add("hidden_interchanges", replace(memory, patterns=interchanged).recall(images).states)
    compared.add("hidden_flips", replace(memory, patterns=flipped).recall(images).states)
    doubled = {name: np.tile(getattr(memory, name), 2) for name in ("labels", "index")}
    even, flipped_even = (
        replace(memory, patterns=np.concatenate([half, -half]), **doubled) for half in (memory.patterns, flipped)
    )
    compared_even = _Comparison(even, images)
    compared_even.add("hidden_flips_of_even_energy", flipped_even.recall(images).states)
    compared.rows += compared_even.rows


def _move_stored(compared: _Comparison, generator: np.random.Generator) -> None:
    """Flips and interchanges of the patterns from which a Hebbian memory learns."""
    memory: Any = compared.memory  # a quadratic one
    moved = _moved_patterns(memory.patterns, generator)
    for name, patterns in zip(("stored_interchanges", "stored_flips"), moved, strict=True):
        compared.add(name, replace(memory, weights=quadratic_rules.hebbian(patterns)).recall(compared.images).states)


def _change_weights(compared: _Comparison, generator: np.random.Generator) -> None:
    """Other weights of a quadratic memory: scaled ones, and matrices of the field cones."""
    memory: Any = compared.memory  # a quadratic one
    images = compared.images
    compared.add("scaling", replace(memory, weights=3 * memory.weights).recall(images).states)
    visited = _trajectories(memory, images)
    untied = without_ties(memory.weights, np.concatenate(visited)).reshape(len(visited), -1).all(axis=0)
    stored = memory.patterns[without_ties(memory.weights, memory.patterns)]
    cones: dict[str, tuple[States, Any]] = {
        "cone_of_stored_patterns": (stored, np.ones(len(images), dtype=bool)),
        "cone_of_visited_states": (np.unique(visited[:, untied].reshape(-1, images.shape[1]), axis=0), untied),
    }
    for name, (states, chosen) in cones.items():
        if not len(states):
            continue  # all of them met a tie
        weights = interior_point(memory.weights, states, steps=_STEPS, generator=generator)
        final = replace(memory, weights=weights, scale=None).recall(images[chosen], order="synchronous").states
        compared.add(name, final, order="synchronous", chosen=chosen)
        compared.add_angle(angle_of_vectors(memory.weights, weights))


def _trajectories(memory: Any, images: Int8[np.ndarray, "B N"]) -> Int8[np.ndarray, "sweeps B N"]:
    """The states of synchronous recall of the images, sweep by sweep, until none is new to its
    image.
    """
    single, visited = replace(memory, sweeps=1), [images]
    for _ in range(memory.sweeps):
        following = single.recall(visited[-1], order="synchronous").states
        if len(visited) > 1 and ((following == visited[-1]).all(axis=1) | (following == visited[-2]).all(axis=1)).all():
            break  # fixed points, and cycles of two
        visited.append(following)
    return np.array(visited)


def summarise(rows: pd.DataFrame) -> pd.DataFrame:
    """The table `hopfield_symmetry` from rows with the columns memory and seed: shares over seeds, angles as means.

    ``most_states_changed``: share of seeds, one memory each, in which more than half of the final states change, over
    all draws of the transformation.
    """
    return estimates_by(SETTING[:-1], rows, _over_seeds)


def _over_seeds(setting: pd.DataFrame) -> Rows:
    found: Rows = []
    for quantity, rows in setting.groupby("quantity", sort=False):
        each = rows.groupby("seed")[["value", "n"]].sum()
        if quantity in SHARES:
            estimate = share_over_seeds(each["value"], each["n"])
        else:
            estimate = mean_over_seeds(each["value"] / each["n"], n=int(each["n"].sum()), bounds=(0.0, 180.0))
        found.append({"quantity": quantity, **vars(estimate)})
        if quantity == "changed_states":
            most = share_of_seeds(each["value"] > each["n"] / 2)
            found.append({"quantity": "most_states_changed", **vars(most)})
    return found
