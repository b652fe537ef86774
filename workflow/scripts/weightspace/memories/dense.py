"""The dense associative memory over stored patterns: nothing is learnt, the patterns are the parameters.

Sources: Krotov & Hopfield, "Dense Associative Memory for Pattern Recognition" (2016), for rectified polynomials and the
update; Demircigil et al., "On a model of associative memory with huge storage capacity" (2017), for the exponential.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from weightspace.classifier import Formula, ToTensor
from weightspace.draws import order_of_neurons
from weightspace.memories import hopfield, quadratic_rules
from weightspace.memories.dense_energy import Interaction
from weightspace.memories.dense_recall import (
    TIE,
    DenseRecall,
    columns_of,
    flip_changes,
    made_ready,
    recall,
    weigh_flips,
)
from weightspace.memories.memory import AssociativeMemory
from weightspace.memories.recall import ORDERS
from weightspace.model_files import read_model, write_model

# Bounds the memory: so many overlaps and changes at once take 60 MB.
_BATCH = 2_500_000
# Relative size of a difference below which it is computed anew with care: rounding of sums over up to a million
# patterns.
_LOOSE = 1e-10


@dataclass(frozen=True, eq=False, repr=False)
class DenseMemory(AssociativeMemory):
    """A dense memory and what it stores.

    ``patterns`` (P, N) int8 of ±1, ``labels`` (P,), ``index`` (P,) and ``description`` are as in every
    `memory.AssociativeMemory`; ``interaction`` is F. How it recalls is not saved: ``order`` is one of `recall.ORDERS`,
    ``seed`` that of a random order, ``threads`` share the images, ``sweeps`` bounds recall.

    Raises:
        ValueError: the patterns are not ±1, or F is none that N neurons can have.
    """

    patterns: Shaped[np.ndarray, "..."]  # (P, N), as is checked
    labels: Int[np.ndarray, " P"]
    index: Int[np.ndarray, " P"]
    interaction: Interaction
    description: dict[str, Any] = field(compare=False)
    sweeps: int = 1000
    readout: str = "nearest"
    order: str = "sequential"
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "patterns", hopfield.check_patterns(self.patterns))
        self._terms  # noqa: B018 -- refuses an energy that so many neurons cannot have, now and not at the first recall

    @cached_property
    def _terms(self) -> Any:
        return self.interaction.terms(self.patterns.shape[1])

    def energy(self, states: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, " B"]:
        """Energies of states in units of F(N): ``E / N^n``, ``E / exp(N)``; see
        `dense_energy.Interaction.energies`.
        """
        size = self.patterns.shape[1]
        return self._over_overlaps(states, lambda overlaps: self.interaction.energies(overlaps, size))

    def log_energy(self, states: Shaped[np.ndarray, "B N"]) -> Float[np.ndarray, " B"]:
        """``log |E|`` of the energy without units, which floating-point numbers cannot hold; -inf where E is 0."""
        return self._over_overlaps(states, self.interaction.log_energies)

    def _over_overlaps(self, states, function):
        states = hopfield.check_patterns(states, size=self.patterns.shape[1])
        return np.concatenate([function(hopfield.exact_product(part, self.patterns.T)) for part in self._parts(states)])

    def _parts(self, states):
        size = max(1, _BATCH // sum(self.patterns.shape))
        return (states[start : start + size] for start in range(0, len(states), size))

    def recall(self, states: Shaped[np.ndarray, "..."], *, order: str | None = None) -> DenseRecall:
        """Final states by energy differences, a tie keeps the state, in the memory's own order or in ``order``, as a
        `dense_recall.DenseRecall`.
        """
        return self._recall(states, self._neurons(order or self.order))

    def complete(self, states: Shaped[np.ndarray, "..."], neurons: Int[np.ndarray, " K"]) -> DenseRecall:
        """Recall that updates these neurons only, one after the other, and holds all others."""
        return self._recall(states, np.asarray(neurons, dtype=np.int64))

    def _recall(self, states, neurons):
        states = hopfield.check_patterns(states, size=self.patterns.shape[1])
        return recall(
            self.patterns,
            self._terms,
            states,
            sweeps=self.sweeps,
            order=neurons,
            threads=self.threads,
            ready=self._ready,
        )

    @cached_property
    def _ready(self):
        return made_ready(self.patterns)

    def _neurons(self, order):
        if order not in ORDERS:
            raise ValueError(f"order is {order!r}; allowed: {', '.join(ORDERS)}")
        if order == "synchronous":
            return None
        size = self.patterns.shape[1]
        return order_of_neurons(size, self.seed) if order == "random" else np.arange(size)

    @property
    def hidden_units(self) -> Shaped[np.ndarray, "P N"]:
        return self.patterns

    def with_moved_neurons(self, permutation: Int[np.ndarray, " N"], signs: Int[np.ndarray, " N"]) -> "DenseMemory":
        moved = self.patterns[:, permutation] * signs.astype(np.int8)
        return replace(self, patterns=np.ascontiguousarray(moved))

    def smooth_recall(self, tensor: ToTensor, *, steepness: float) -> Formula:
        """``s ← Σ_x a_x x`` with ``a = softmax(steepness · log F'(x·s) / σ)``.

        With steepness σ this is the mean-field update of the energy (Ramsauer et al. 2021 for exp). F' falls so steeply
        that its gradient vanishes in all but the closest cases; σ, the spread of log F' among the stored patterns,
        makes one range of steepness fit all F.
        """
        patterns = tensor(self.patterns)
        overlaps = patterns @ patterns.T
        apart = tensor(np.eye(len(self.patterns))) == 0
        spread = self._log_slope(overlaps[apart]).std().item()
        scale = steepness / (spread if spread > 0 else 1.0)  # one or two patterns have no spread
        return lambda states: (scale * self._log_slope(states @ patterns.T)).softmax(1) @ patterns

    def _log_slope(self, overlaps: Any) -> Any:
        """log F'(z) without constants, of overlaps in a tensor."""
        exponent = self.interaction.exponent
        if self.interaction.energy == "odd_power":
            overlaps = overlaps.abs()  # F' is an even power
        return overlaps if exponent is None else (exponent - 1) * overlaps.clamp(min=1).log()

    def grey_surrogate(self, tensor: ToTensor) -> Formula:
        """``log Σ_{x of class c} F(x·s)``, one for each class, the share of the energy that its patterns hold, at the
        image itself and after one smooth step of recall, added: neither alone misleads as many training images that
        the memory does not store.
        """
        recalled = self.smooth_recall(tensor, steepness=2)
        patterns, exponent = tensor(self.patterns), self.interaction.exponent
        with np.errstate(divide="ignore"):
            members = tensor(np.log(self.labels == np.arange(int(self.labels.max()) + 1)[:, None]))  # (C, P): 0 or -inf

        def logits(inputs: Any) -> Any:
            overlaps = inputs @ patterns.T
            if exponent is not None:
                # The small term keeps the gradient finite where an overlap is negative and F is 0.
                overlaps = exponent * overlaps.clamp(min=1e-3).log()
            return (overlaps[:, None, :] + members).logsumexp(2)

        return lambda inputs: logits(inputs) + logits(recalled(inputs))

    def save(self, path: str | Path) -> None:
        tensors = {"patterns": self.patterns, "labels": self.labels, "index": self.index}
        write_model(path, tensors, {"kind": "dense_memory", **self.description, **asdict(self.interaction)})

    @classmethod
    def load(
        cls, path: str | Path, *, sweeps: int = 1000, order: str = "sequential", seed: int = 0, threads: int = 1
    ) -> "DenseMemory":
        """Read a memory; how it recalls is no part of what was learnt."""
        tensors, description = read_model(path)
        interaction = Interaction(description["energy"], description["exponent"])
        return cls(
            **cast(Any, tensors),
            interaction=interaction,
            description=description,
            sweeps=sweeps,
            order=order,
            seed=seed,
            threads=threads,
        )

    def certify(self, *, margin: float = 0) -> hopfield.Certificate:
        """Check that all P·N single flips of the stored patterns raise the energy by more than ``margin``, in units of
        F(N).

        Returns: `hopfield.Certificate`. At margin 0 a tie as in `dense_recall` is a violation; ``delta_minimum`` is in
        units of F(N); ``stability_minimum`` is NaN, since there are no weights to measure a field by.
        """
        unit = self.interaction.unit(self.patterns.shape[1])
        parts = list(self._weigh_single_flips(margin / unit))
        violations, smallest = sum(int(failed.sum()) for failed, _ in parts), min(least for _, least in parts)
        return hopfield.Certificate(violations == 0, violations, self.patterns.size, smallest * unit, float("nan"))

    def single_flip_changes(self) -> Float[np.ndarray, "P N"]:
        """Energy changes by all single flips of the stored patterns, in units of F(N)."""
        table, patterns, size = self._terms[0], self.patterns.astype(np.float64), self.patterns.shape[1]
        parts = []
        for states in self._parts(self.patterns):
            # Places in the table of F(z+2) - F(z) for overlaps z; the largest is N, with itself.
            places = hopfield.exact_product(states, self.patterns.T) + len(table) - 1 - size
            # A pattern nowhere differs from itself, and the term for that could be so large that the others are lost to
            # rounding.
            up, down = np.where(places == len(table) - 1, 0, table[places]), table[places - 2]
            parts.append(0.5 * (states * ((down + up) @ patterns) + (down - up).sum(axis=1, keepdims=True)))
        return np.concatenate(parts) * self.interaction.unit(size)

    def strict_minima(self) -> tuple[Bool[np.ndarray, " P"], Bool[np.ndarray, " P"]]:
        """Which stored patterns lie below all their single-flip neighbours, and which also below all their double-flip
        neighbours.
        """
        single = np.concatenate([~failed.any(axis=1) for failed, _ in self._weigh_single_flips(0)])
        double = single.copy()
        double[single] = [self._below_double_flips(pattern) for pattern in self.patterns[single]]
        return single, double

    def _weigh_single_flips(self, margin):
        """For parts of the stored patterns: which single flips raise the energy by no more than the margin, (B, N)
        bool, and the smallest change.

        Both are exact, though only what single precision leaves open is computed anew. Energies are in the table's
        unit.
        """
        columns, largest = columns_of(self.patterns), self._terms[0][-1]
        for states in self._parts(self.patterns):
            # In units of the term for the largest overlap, which is N, with itself, for each of them.
            changes, slack = flip_changes(self.patterns, self._terms, states)
            slack = slack[:, None]
            failed = changes <= margin / largest
            doubtful = (np.abs(changes - margin / largest) <= slack) | (changes - slack <= (changes + slack).min())
            overlaps = hopfield.exact_product(states, self.patterns.T).astype(np.int32)
            differences, wholes = weigh_flips(columns, overlaps, *np.nonzero(doubtful), states, *self._terms)
            failed[doubtful] = differences - margin <= TIE * wholes
            yield failed, float(differences.min())

    def _below_double_flips(self, pattern):
        """Whether all pairs of flips raise the energy of one stored pattern (N,); ties do not."""
        table, size = self._terms[0], self.patterns.shape[1]
        # Places in the table of F(z+2) - F(z) for overlaps z; the largest is N, with itself. Those cut off belong to no
        # pair.
        places = hopfield.exact_product(pattern[None], self.patterns.T)[0] + len(table) - 1 - size
        falls, rises = (
            np.clip(places + np.array(shifts)[:, None], 0, len(table) - 1) for shifts in ((-2, -4), (0, 2))
        )  # (2, P) each
        fall, rise = table[falls].sum(axis=0), table[rises].sum(axis=0)  # F(z) - F(z-4), F(z+4) - F(z)
        differs = self.patterns != pattern
        # No pair costs less than what the pattern itself loses, or gains more than its lesser neuron alone.
        neurons = np.flatnonzero(rise @ differs >= fall.max() * (1 - _LOOSE))
        apart = differs[:, neurons]
        cost, gain = (~apart.T * fall) @ ~apart, (apart.T * rise) @ apart
        first, second = np.nonzero(np.triu(cost - gain <= _LOOSE * (cost + gain), 1))
        # Equal terms are cancelled before summing from the largest to the smallest, as in `dense_recall`.
        for i, j in zip(first, second, strict=True):
            both, neither = apart[:, i] & apart[:, j], ~(apart[:, i] | apart[:, j])
            counts = np.bincount(falls[:, neither].ravel(), minlength=len(table)) - np.bincount(
                rises[:, both].ravel(), minlength=len(table)
            )
            terms = (counts * table)[::-1]
            if terms.sum() <= TIE * np.abs(terms).sum():
                return False
        return True


def store(
    patterns: Shaped[np.ndarray, "P N"],
    labels: Int[np.ndarray, " P"],
    index: Int[np.ndarray, " P"],
    definition: Mapping[str, Any],
    *,
    description: Mapping[str, Any] | None = None,
) -> tuple[DenseMemory, quadratic_rules.LearningPass, hopfield.Certificate]:
    """Make a `DenseMemory` of patterns, their labels and positions by the ``energy`` and ``exponent`` of a
    definition.

    Returns: the memory; one `quadratic_rules.LearningPass` over all single flips of the stored patterns, energies in
    units of F(N); and the `hopfield.Certificate`.
    """
    interaction = Interaction(definition["energy"], definition.get("exponent"))
    memory = DenseMemory(patterns, labels, index, interaction, {"definition": definition, **(description or {})})
    certificate = memory.certify()
    memory.description["certified"] = certificate.certified
    quantiles = np.quantile(memory.single_flip_changes(), [0.05, 0.5, 0.95])
    record = quadratic_rules.LearningPass(
        0, certificate.violations, certificate.flips, certificate.delta_minimum, *map(float, quantiles)
    )
    return memory, record, certificate


def power_memory(patterns: Shaped[np.ndarray, "P N"], exponent: int) -> DenseMemory:
    """The memory of the energy ``-Σ_x (x·s)^n`` that is not rectified, of patterns without labels; n = 2 is the
    Hebbian rule.

    Of an even n, ``z^n = max(z, 0)^n + max(-z, 0)^n``: it is the rectified memory of the patterns and their
    complements, which ``patterns`` then holds as well, behind the others.

    Source: Krotov & Hopfield (2016), section 2.
    """
    patterns = hopfield.check_patterns(patterns)
    energy = "odd_power"
    if exponent % 2 == 0:
        patterns, energy = np.concatenate([patterns, -patterns]), "polynomial"
    nobody = np.arange(len(patterns))
    return DenseMemory(patterns, nobody, nobody, Interaction(energy, exponent), {})
