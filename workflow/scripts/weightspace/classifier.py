"""The one interface of everything that answers: networks, memories, controls, and what is composed of them.

A model inherits `Classifier`, gives ``predict``, and overrides what else it has; the defaults are those of a model that
only answers. So whoever scores, counts or attacks asks for a member and never for a kind. Anything else is taken in by
`weightspace.as_classifier`.

No PyTorch here, which memories do without: formulas that attacks differentiate take a function ``tensor`` from numpy
arrays to whatever is to hold the gradients, and use the methods of what it gives.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int, Shaped, UInt8

NO_ANSWER = -1
ANSWER = "answer"  # the read-out of a classifier that has but one

Labels = Int[np.ndarray, " B"]
# From inputs (B, N) in -1 ... 1 to class scores (B, C), or to states (B, N), in tensors.
Formula = Callable[[Any], Any]
ToTensor = Callable[[np.ndarray], Any]


@runtime_checkable
class Classifier(Protocol):
    """What answers: patterns (B, N) of ±1 in, labels (B,) out."""

    always_answers: bool = False
    """Whether -1, no answer, is impossible and not only rare."""

    continuous_scores: bool = False
    """Whether `scores` are real numbers that rarely tie, so that rare answers can be approached level by level."""

    scores: Callable[[Shaped[np.ndarray, "B N"]], Float[np.ndarray, "B C"]] | None = None
    """Class scores (B, C) of patterns (B, N), larger for the likelier class; None where there are only labels."""

    recall: Callable[..., Any] | None = None
    """The final states of patterns (B, N), a `recall.Recall`; None of what does not recall."""

    def predict(self, patterns: Shaped[np.ndarray, "B N"]) -> Labels:
        """The label of each pattern, from 0; -1 where there is no answer."""
        ...

    def readouts(self, patterns: Shaped[np.ndarray, "B N"]) -> dict[str, Labels]:
        """The labels by each way of reading an answer, from one look at the patterns."""
        return {ANSWER: self.predict(patterns)}

    def answers(self, grey: UInt8[np.ndarray, "B N"], patterns: Shaped[np.ndarray, "B N"]) -> dict[str, Labels]:
        """The labels by each way of showing and reading an image: its grey levels, and the same binarised."""
        return {"binarised": self.predict(patterns)}

    def neighbours(self, patterns: Shaped[np.ndarray, "B N"]) -> Int[np.ndarray, "B N"]:
        """The labels of all N single flips of each pattern."""
        size = patterns.shape[1]
        every = np.repeat(patterns, size, axis=0)
        place = np.tile(np.arange(size), len(patterns))
        every[np.arange(len(every)), place] *= -1
        return self.predict(every).reshape(len(patterns), size)

    @property
    def stored(self) -> Shaped[np.ndarray, "P N"] | None:
        """The patterns that it stores, None of what stores none."""
        return None

    @property
    def perceptron(self) -> Any | None:
        """Its `architectures.MultilayerPerceptron`, which knows what a flipped pixel moves, None of what is none."""
        return None

    def differentiable(self, tensor: ToTensor) -> Formula | None:
        """Class scores whose largest is its answer, with gradients; None of a model that has no gradients."""
        return None

    def grey_surrogate(self, tensor: ToTensor) -> Formula | None:
        """What attacks on grey levels take gradients of, None where there is nothing."""
        return self.differentiable(tensor)

    def stand_ins(self, tensor: ToTensor, sweep: Mapping[str, Any]) -> list[Formula]:
        """What attacks by flips take gradients of where the model has none of its own: a smooth stand-in for each
        setting of the sweep {steps, steepness}.
        """
        return []


class EqualByContent:
    """Equality, hash and a short text of a dataclass that holds arrays, whose own would compare them elementwise: two
    are equal where they are of one class and all fields are that count (``description`` does not, which says where a
    model comes from).
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [field.name for field in fields(self) if field.compare]
        return all(_equal(getattr(self, name), getattr(other, name)) for name in names)

    def __hash__(self) -> int:
        values = (getattr(self, field.name) for field in fields(self))
        # Equal arrays of different types must have one hash.
        arrays = ((value.shape, float(value.sum())) for value in values if isinstance(value, np.ndarray))
        return hash((type(self).__name__, *arrays))

    def __repr__(self) -> str:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        shown = (
            f"{name}={value.dtype}{list(value.shape)}" if isinstance(value, np.ndarray) else f"{name}={value!r}"
            for name, value in values.items()
        )
        return f"{type(self).__name__}({', '.join(shown)})"


def _equal(one, other):
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return one == other
