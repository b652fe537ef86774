"""Learning rules of memories that store patterns, by name: one function each, and one entry in `RULES`.

The memory that stores none, since it learns from all images by gradient, is in `dense_training`.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int, Int8, Int32
from numpy.typing import ArrayLike

from weightspace.memories import hopfield, quadratic_rules
from weightspace.memories.memory import AssociativeMemory, Memory
from weightspace.memories.quadratic_rules import LearningPass
from weightspace.user_code import UserCodeError, load_function

Definition = Mapping[str, Any]
OnPass = Callable[[LearningPass], object]
Weights = tuple[Int32[np.ndarray, "N N"], float]  # integers and their scale


@dataclasses.dataclass(frozen=True)
class Trained:
    """A memory, its history with one row per pass, and the exact check of what it stores."""

    memory: AssociativeMemory
    history: pd.DataFrame
    certificate: hopfield.Certificate


def train(
    patterns: ArrayLike,
    labels: Int[np.ndarray, " P"],
    index: Int[np.ndarray, " P"],
    definition: Definition,
    *,
    generator: np.random.Generator | None,
    description: Mapping[str, Any] | None = None,
) -> Trained:
    """Train a memory by ``definition["rule"]``, one of `RULES`.

    Args:
        patterns: (P, N) of ±1, with their labels and ``index``, their positions among the training images.
        definition: the rule and its hyperparameters, as in the configuration.
        generator: for all that is drawn; rules that draw nothing need none.
        description: what else the memory's file should say.

    Returns:
        The memory, of copies of what is given; its certificate, of a quadratic rule, is of the definition's margin, or
        of 0.
    """
    rule, stored = RULES[definition["rule"]], hopfield.check_patterns(patterns).copy(order="C")
    labels, index = np.array(labels), np.array(index)
    return rule(stored, labels, index, definition, generator=generator, description=description or {})


def train_unlabelled(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None
) -> AssociativeMemory:
    """A memory of patterns whose labels and positions play no part."""
    nobody = np.arange(len(patterns))
    return train(patterns, nobody, nobody, definition, generator=generator).memory


def quadratic(rule: Callable[..., Weights]) -> Callable[..., Trained]:
    """Make a rule of a function that returns integer weights and their scale.

    The function is called with patterns, definition, generator, and ``on_pass``, which takes a
    `quadratic_rules.LearningPass`. A rule that learns in one step calls it not at all; its history is then the state
    after that step.
    """

    def train_quadratic(patterns, labels, index, definition, *, generator, description):
        records: list[LearningPass] = []
        weights, scale = rule(patterns, definition, generator=generator, on_pass=records.append)
        if not records:
            stabilities = hopfield.single_flip_changes(weights, patterns)
            records.append(quadratic_rules.learning_pass(0, stabilities, stabilities <= 0, scale=scale))
        certificate = hopfield.certify(weights, patterns, margin=definition.get("margin", 0), scale=scale)
        description = {"definition": definition, **description, "certified": certificate.certified, "scale": scale}
        return Trained(Memory(weights, patterns, labels, index, description, scale), history_of(records), certificate)

    return train_quadratic


def history_of(records: Iterable[LearningPass]) -> pd.DataFrame:
    """The records as a table, one row per pass."""
    return pd.DataFrame([dataclasses.asdict(record) for record in records]).rename(columns={"number": "pass"})


@quadratic
def train_hebbian(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None, on_pass: OnPass
) -> Weights:
    """Hebbian weights; the history is the single state before any correction."""
    # Iterative learning starts from the Hebbian matrix, so no pass at all is the Hebbian rule with the same record.
    weights = quadratic_rules.iterative(
        patterns, margin=0, flip_share=1, passes=0, generator=generator, on_pass=on_pass
    )
    return weights, hopfield.natural_scale(patterns.shape[1])


@quadratic
def train_iterative(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None, on_pass: OnPass
) -> Weights:
    """Iterative learning with the definition's margin, flip share and number of passes."""
    settings = {key: definition[key] for key in ("margin", "flip_share", "passes")}
    weights = quadratic_rules.iterative(patterns, **settings, generator=generator, on_pass=on_pass)
    return weights, hopfield.natural_scale(patterns.shape[1])


@quadratic
def train_storkey(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None, on_pass: OnPass
) -> Weights:
    """Storkey's rule, quantised."""
    return hopfield.quantise(quadratic_rules.storkey(patterns))


@quadratic
def train_pseudo_inverse(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None, on_pass: OnPass
) -> Weights:
    """Projection, quantised, with its diagonal where the definition says so."""
    return hopfield.quantise(quadratic_rules.pseudo_inverse(patterns, diagonal=definition["diagonal"]))


@quadratic
def train_krauth_mezard(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None, on_pass: OnPass
) -> Weights:
    """Minimal overlap, symmetric, with the definition's margin and number of steps."""
    settings = {key: definition[key] for key in ("margin", "steps")}
    weights = quadratic_rules.krauth_mezard(patterns, **settings, on_pass=on_pass)
    return weights, hopfield.natural_scale(patterns.shape[1])


@quadratic
def train_minimum_probability_flow(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None, on_pass: OnPass
) -> Weights:
    """Minimum probability flow in the definition's number of steps, quantised."""
    return hopfield.quantise(quadratic_rules.minimum_probability_flow(patterns, steps=definition["steps"]))


@quadratic
def train_user_rule(
    patterns: Int8[np.ndarray, "P N"], definition: Definition, *, generator: np.random.Generator | None, on_pass: OnPass
) -> Weights:
    """The weights that a function of the user's own makes of a copy of the patterns (P, N), quantised; see
    docs/extending.md.

    Raises:
        UserCodeError: its file cannot be used, or what it gives is no symmetric matrix (N, N) of numbers.
    """
    size, name = patterns.shape[1], f"{definition['file']}: {definition['function']}"
    try:
        weights = np.asarray(load_function(definition)(patterns.copy()), dtype=np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, UserCodeError):
            raise
        reason = " ".join(str(error).split())
        raise UserCodeError(f"{name} fails, or gives no numbers: {reason}; allowed: weights {(size, size)}") from error
    if weights.shape != (size, size):
        raise UserCodeError(
            f"{name} gives weights of shape {weights.shape}; allowed: {(size, size)}, one for each pair of pixels"
        )
    if not np.isfinite(weights).all():
        raise UserCodeError(f"{name} gives weights that are infinite or no numbers (NaN); allowed: finite ones")
    if not np.allclose(weights, weights.T):
        raise UserCodeError(
            f"{name} gives weights that are not symmetric; allowed: symmetric ones, which have an energy"
        )
    return hopfield.quantise((weights + weights.T) / 2)


def train_dense(
    patterns: Int8[np.ndarray, "P N"],
    labels: Int[np.ndarray, " P"],
    index: Int[np.ndarray, " P"],
    definition: Definition,
    *,
    generator: np.random.Generator | None,
    description: Mapping[str, Any],
) -> Trained:
    """Dense associative memory over the patterns themselves; its history is one state, since there is nothing to
    learn.
    """
    from weightspace.memories import dense

    memory, record, certificate = dense.store(patterns, labels, index, definition, description=description)
    return Trained(memory, history_of([record]), certificate)


RULES: dict[str, Callable[..., Trained]] = {
    "hebbian": train_hebbian,
    "iterative": train_iterative,
    "storkey": train_storkey,
    "pseudo_inverse": train_pseudo_inverse,
    "krauth_mezard": train_krauth_mezard,
    "minimum_probability_flow": train_minimum_probability_flow,
    "function": train_user_rule,
    "dense": train_dense,
}
