"""Weight spaces with their measures, as `splitting` takes them: a linear unit, tanh networks on spheres, binary
weights.

Weights on a sphere are Gaussian weights projected onto it, so a Gaussian is moved by pCN, ``z ← √(1 − β²) z + β ξ``
(Cotter et al. 2013), and projected before it is evaluated. Only the answers to the given patterns matter, so Gaussian
weights are kept in coordinates of the patterns' span; of the other directions no more than the squared norm is needed,
and it moves as pCN would move it.
"""

import numpy as np
from jaxtyping import Float, Int, Int64, Real

from weightspace.splitting import Score, State

_SIZES = (0.04, 0.2, 0.6)  # shares of the coordinates that a move changes: near the end only moves of few get anywhere


def span_coordinates(gram: Float[np.ndarray, "P P"]) -> Float[np.ndarray, "P r"]:
    """Coordinates of vectors in an orthonormal basis of their span, given their inner products.

    Of full rank it is the symmetric square root, whose basis vectors lie as near to one pattern each as they can, so
    that few coordinates hold few patterns.
    """
    values, vectors = np.linalg.eigh(gram)
    kept = values > 1e-9 * values[-1]
    root = vectors[:, kept] * np.sqrt(values[kept])
    return root @ vectors.T if kept.all() else root


def _some(size: int, share: float, generator: np.random.Generator) -> Int64[np.ndarray, "chosen"]:
    """A random choice of a share of ``size`` coordinates, one at least."""
    return generator.permutation(size)[: max(1, round(share * size))]


def _diffuse(
    values: Float[np.ndarray, "*shape"], step: float, generator: np.random.Generator
) -> Float[np.ndarray, "*shape"]:
    """pCN: keeps the standard Gaussian."""
    return np.sqrt(1 - step**2, dtype=values.dtype) * values + values.dtype.type(step) * generator.standard_normal(
        values.shape, dtype=values.dtype
    )


class LinearUnit:
    """Weights uniform on the sphere in N dimensions; pattern x with label y is an error where ``y w·x ≤ 0``.

    Args:
        patterns: each multiplied by its label.
    """

    blocks = len(_SIZES)

    def __init__(self, patterns: Real[np.ndarray, "P N"]) -> None:
        unit = patterns / np.linalg.norm(patterns, axis=1, keepdims=True)
        self._coordinates = span_coordinates(unit @ unit.T).astype(np.float32)

    def draw(self, count: int, generator: np.random.Generator) -> State:
        weights = generator.standard_normal((count, self._coordinates.shape[1]), dtype=np.float32)
        return {"weights": weights, "fields": weights @ self._coordinates.T}

    def propose(self, state: State, block: int, step: float, generator: np.random.Generator) -> State:
        chosen, weights = _some(self._coordinates.shape[1], _SIZES[block], generator), state["weights"].copy()
        new = _diffuse(weights[:, chosen], step, generator)
        fields = state["fields"] + (new - weights[:, chosen]) @ self._coordinates[:, chosen].T
        weights[:, chosen] = new
        return {"weights": weights, "fields": fields}

    def score(self, state: State) -> Score:
        # The norm within the span only: that scale of a particle changes no sign, and the level of violation is any
        # that shrinks to zero.
        short = np.maximum(-state["fields"], 0).sum(axis=1) / np.linalg.norm(state["weights"], axis=1)
        return (state["fields"] <= 0).sum(axis=1), short


class TanhNetwork:
    """One hidden layer of tanh units, weights uniform on a product of spheres, one per layer, biases included.

    A layer of U units has the radius ``gain · √U``: of √(weights / fan-in), where a bias counts as the weight of a
    constant input. So a hidden unit's field on a ±1 pattern has about the standard deviation ``gain``. Pattern x is an
    error where another class's logit reaches its own's; the violation is the sum over patterns of how far the best
    wrong logit is above.

    Args:
        patterns: ±1; their labels are 0 ... classes − 1.
        others: patterns on which weights are evaluated after they have been drawn, such as held-out ones.
    """

    def __init__(
        self,
        patterns: Real[np.ndarray, "P N"],
        labels: Int[np.ndarray, "P"],
        others: Real[np.ndarray, "M N"],
        other_labels: Int[np.ndarray, "M"],
        *,
        hidden: int,
        classes: int,
        gain: float,
    ) -> None:
        self._labels, self._other_labels = labels, other_labels
        self._hidden, self._classes, self._gain = hidden, classes, gain
        inputs, held = (
            np.hstack([part, np.ones((len(part), 1))]) / np.sqrt(patterns.shape[1] + 1) for part in (patterns, others)
        )
        within = span_coordinates(inputs @ inputs.T)  # (P, r)
        self._inputs = within.astype(np.float32)
        across = held @ inputs.T @ np.linalg.pinv(within).T  # (M, r), the others' coordinates in the same basis
        beyond = span_coordinates(held @ held.T - across @ across.T + 1e-12 * np.eye(len(held)))
        self._held_within, self._held_beyond = across.astype(np.float32), beyond.astype(np.float32)
        self._radius = gain * np.sqrt(hidden * inputs.shape[1])  # of the first layer, for inputs of unit length
        self._outside = hidden * (inputs.shape[1] - within.shape[1])  # dimensions of the first layer beside the span
        self._moves = [(layer, share) for layer in (0, 1) for share in _SIZES]
        self.blocks = len(self._moves)

    def draw(self, count: int, generator: np.random.Generator) -> State:
        first = generator.standard_normal((count, self._hidden, self._inputs.shape[1]), dtype=np.float32)
        second = generator.standard_normal((count, self._classes, self._hidden + 1), dtype=np.float32)
        outside = (
            generator.chisquare(self._outside, count).astype(np.float32)
            if self._outside
            else np.zeros(count, np.float32)
        )
        return {"first": first, "outside": outside, "fields": first @ self._inputs.T, "second": second}

    def propose(self, state: State, block: int, step: float, generator: np.random.Generator) -> State:
        layer, share = self._moves[block]
        name = ("first", "second")[layer]
        weights = state[name].copy()
        chosen = _some(weights.shape[2], share, generator)
        new = _diffuse(weights[:, :, chosen], step, generator)
        if layer == 0:
            fields = state["fields"] + (new - weights[:, :, chosen]) @ self._inputs[:, chosen].T
            weights[:, :, chosen] = new
            return {name: weights, "fields": fields, "outside": self._move_outside(state["outside"], step, generator)}
        weights[:, :, chosen] = new
        return {name: weights}

    def _move_outside(
        self, squared: Float[np.ndarray, "n"], step: float, generator: np.random.Generator
    ) -> Float[np.ndarray, "n"]:
        """The squared norm of the coordinates outside the span after a step of pCN: of the noise, the part along them
        and the rest count.
        """
        if not self._outside:
            return squared
        along = np.sqrt((1 - step**2) * squared) + step * generator.standard_normal(len(squared))
        return (along**2 + step**2 * generator.chisquare(max(self._outside - 1, 1e-9), len(squared))).astype(np.float32)

    def score(self, state: State) -> Score:
        logits = self._logits(state, state["fields"])
        gaps = self._gaps(logits, self._labels)
        return (gaps >= 0).sum(axis=1), np.maximum(gaps, 0).sum(axis=1)

    def _logits(self, state: State, fields: Float[np.ndarray, "n H P"]) -> Float[np.ndarray, "n C P"]:
        """Logits of the weights on their spheres, from unscaled fields."""
        norm = np.sqrt(np.square(state["first"]).sum(axis=(1, 2)) + state["outside"])
        units = np.tanh(fields * (self._radius / norm).astype(np.float32)[:, None, None])
        second = state["second"]
        scale = (self._gain * np.sqrt(self._classes) / np.sqrt(np.square(second).sum(axis=(1, 2)))).astype(np.float32)
        return (second[:, :, :-1] @ units + second[:, :, -1:]) * scale[:, None, None]

    @staticmethod
    def _gaps(logits: Float[np.ndarray, "n C P"], labels: Int[np.ndarray, "P"]) -> Float[np.ndarray, "n P"]:
        """How far the best wrong logit is above the right one."""
        places = np.arange(len(labels))
        right = logits[:, labels, places]
        logits[:, labels, places] = -np.inf
        return logits.max(axis=1) - right

    def other_errors(self, state: State, generator: np.random.Generator) -> Int64[np.ndarray, "n"]:
        """Errors on the other patterns; weights outside the first patterns' span are drawn, given their norm."""
        count, units, dimensions = len(state["outside"]), self._hidden, self._held_beyond.shape[1]
        drawn = generator.standard_normal((count, units, dimensions))
        left = self._outside - units * dimensions
        squared = np.square(drawn).sum(axis=(1, 2)) + (generator.chisquare(left, count) if left > 0 else 0)
        drawn *= np.sqrt(state["outside"] / squared)[:, None, None]
        fields = state["first"] @ self._held_within.T + drawn.astype(np.float32) @ self._held_beyond.T
        return (self._gaps(self._logits(state, fields), self._other_labels) >= 0).sum(axis=1)


class BinaryWeights:
    """A committee of K sign units with weights ±1, all equally likely; K = 1 is the perceptron. The majority answers.

    Pattern x with label y is an error where most units' ``y w·x`` are negative; its violation is how far the median is
    below zero.

    Args:
        patterns: each multiplied by its label, of an odd number of pixels.
        units: an odd number too, so that there are no ties.
    """

    blocks = 3  # flips of one, two and three weights

    def __init__(self, patterns: Real[np.ndarray, "P N"], *, units: int) -> None:
        self._patterns, self._units = np.asarray(patterns, dtype=np.float32), units

    def draw(self, count: int, generator: np.random.Generator) -> State:
        shape = (count, self._units, self._patterns.shape[1])
        return {"weights": (2 * generator.integers(0, 2, shape) - 1).astype(np.float32)}

    def propose(self, state: State, block: int, step: float, generator: np.random.Generator) -> State:
        weights = state["weights"].copy()
        flat, rows = weights.reshape(len(weights), -1), np.arange(len(weights))
        for _ in range(block + 1):
            flat[rows, generator.integers(0, flat.shape[1], len(rows))] *= -1
        return {"weights": weights}

    def score(self, state: State) -> Score:
        fields = state["weights"] @ self._patterns.T  # (n, K, P)
        middle = np.sort(fields, axis=1)[:, self._units // 2]
        return (middle < 0).sum(axis=1), np.maximum(-middle, 0).sum(axis=1)
