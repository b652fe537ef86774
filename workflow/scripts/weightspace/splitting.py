"""Multilevel splitting (subset simulation): shares of a probability measure far too small to be met by drawing.

A *space* offers draws from its measure, moves that keep it, and a score: whole errors first, and among equal errors a
violation that says how far from fewer errors a point is. Levels are quantiles of that score; with errors alone whole
populations are equal and die out.

Of each population those die that are no better than the worst half's best; the share of survivors estimates the share
of the level below. The product of these shares has the true share as its expectation, however short the chains are
(Bréhier, Lelièvre & Rousset 2015). Short chains make it scatter, which is why several independent runs give the
interval. Method: Au & Beck 2001; Cérou, Del Moral, Furon & Guyader 2012; on networks Webb et al. 2019.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int, Int64
from scipy import special

from weightspace.estimates import CONFIDENCE

State = dict[str, np.ndarray]  # arrays with one row per particle
Score = tuple[Int[np.ndarray, "n"], Float[np.ndarray, "n"]]

MOST_LEVELS = 2000
_ACCEPTANCE = 0.3  # share of accepted moves aimed at; how far particles get depends little on it around a third
_FIRST_STEP = 0.5
_STEPS = (1e-4, 1.0)


@runtime_checkable
class SampledSpace(Protocol):
    """What is split."""

    @property
    def blocks(self) -> int:
        """How many kinds of move there are; they are made in turn."""

    def draw(self, count: int, generator: np.random.Generator) -> State:
        """``count`` independent draws from the measure."""

    def propose(self, state: State, block: int, step: float, generator: np.random.Generator) -> State:
        """Moves reversible with respect to the measure: the arrays that change; ``step`` in (0, 1] is their size."""

    def score(self, state: State) -> Score:
        """Errors and violation ≥ 0 of each particle."""


@dataclass(frozen=True)
class Run:
    """One run.

    ``log_share``: natural logarithm of the share of the measure with at most 0, 1, ... E errors; NaN where none was
    reached. ``recorded``: for each number of errors what ``record`` gave for the particles with at most so many, or
    None. ``bound``: logarithm of the last level's share; what was not reached is smaller, as far as this run can tell.
    """

    log_share: Float[np.ndarray, "errors"]
    recorded: list[Any]
    bound: float
    levels: int


@dataclass(frozen=True)
class LogShare:
    """The natural logarithm of a share with its interval; ``reached`` says how many of ``runs`` got so far."""

    log: float
    low: float
    high: float
    runs: int
    reached: int

    def decimal(self) -> tuple[float, float, float]:
        """Estimate and limits as log10."""
        log, low, high = (float(value / np.log(10)) for value in (self.log, self.low, self.high))
        return log, low, high


def simulate(
    space: SampledSpace,
    *,
    largest: int,
    target: int = 0,
    particles: int,
    sweeps: int,
    levels: int = MOST_LEVELS,
    least: float = -np.inf,
    record: Callable[[State], Any] | None = None,
    generator: np.random.Generator,
) -> Run:
    """One run, down to ``target`` errors.

    Args:
        largest: the largest number of errors E.
        particles: size of the population, of which half survives each level.
        sweeps: moves of each kind at each level.
        levels: at most so many; then the run ends with a bound.
        least: logarithm of the smallest share that there can be; the run ends below it.
        record: function of a state whose value is kept for each number of errors.
    """
    state = space.draw(particles, generator)
    errors, violation = space.score(state)
    shares, recorded = np.full(largest + 1, np.nan), [None] * (largest + 1)
    log_share, steps = 0.0, np.full(space.blocks, _FIRST_STEP)
    for level in range(levels + 1):
        _note(shares, recorded, errors, log_share, state, record)
        ended = np.isfinite(shares[target]) or level == levels or log_share < least
        bar = None if ended else _bar(errors, violation)
        if bar is None:
            break
        alive = _below(errors, violation, bar)
        log_share += np.log(alive.mean())
        chosen = _resample(np.flatnonzero(alive), particles, generator)
        state = {name: values[chosen] for name, values in state.items()}
        errors, violation = errors[chosen], violation[chosen]
        for _ in range(sweeps):
            for block in range(space.blocks):
                accepted = _move(space, state, errors, violation, bar, block, steps[block], generator)
                steps[block] = np.clip(steps[block] * np.exp(accepted - _ACCEPTANCE), *_STEPS)
    return Run(shares, recorded, float(log_share), level)


def share_without_errors(
    space: SampledSpace, *, runs: int, generator: np.random.Generator, **settings: Any
) -> LogShare:
    """The share of the measure without an error, from independent runs of `simulate` with these ``settings``."""
    found = [simulate(space, **settings, generator=generator) for _ in range(runs)]
    return log_share([run.log_share[0] for run in found], [run.bound for run in found])


def log_share(
    logs: Sequence[float] | Float[np.ndarray, "runs"],
    bounds: Sequence[float] | Float[np.ndarray, "runs"] | None = None,
    *,
    confidence: float = CONFIDENCE,
) -> LogShare:
    """A share with its interval, from the natural logarithms that independent runs gave; NaN where one got not so far.

    A run's share, a product of many, is nearly log-normal and right in the mean, so its logarithm is too low by half
    its variance. The interval is that of a log-normal mean with Student's quantile (Cox's method; Olsson 2005). A
    single run's is unbounded. Where runs ended before, the interval reaches from 0 to the largest share or bound, and
    the estimate is the mean of all runs, of which those count 0.

    Args:
        bounds: `Run.bound` of each run, needed where one got not so far.
    """
    logs, count = np.asarray(logs, dtype=float), len(logs)
    there = np.isfinite(logs)
    reached = int(there.sum())
    if reached < count:
        if bounds is None:
            raise ValueError(f"{count - reached} of {count} runs did not get there; give the bounds of all runs")
        estimate = float(special.logsumexp(logs[there]) - np.log(count)) if reached else -np.inf
        return LogShare(estimate, -np.inf, float(np.where(there, logs, bounds).max()), count, reached)
    if count == 1:
        return LogShare(float(logs[0]), -np.inf, 0.0, 1, 1)
    variance = logs.var(ddof=1)
    middle = logs.mean() + variance / 2
    half = special.stdtrit(count - 1, (1 + confidence) / 2) * np.sqrt(
        variance / count + variance**2 / (2 * (count - 1))
    )
    log, low, high = (min(0.0, float(value)) for value in (middle, middle - half, middle + half))
    return LogShare(log, low, high, count, count)


def _note(
    shares: Float[np.ndarray, "errors"],
    recorded: list[Any],
    errors: Int[np.ndarray, "n"],
    log_share: float,
    state: State,
    record: Callable[[State], Any] | None,
) -> None:
    """Note the shares of all numbers of errors of which this population, as the first, is half made up."""
    for count in np.flatnonzero(np.isnan(shares)):
        within = errors <= count
        if within.mean() >= 0.5:
            shares[count] = log_share + np.log(within.mean())
            if record is not None:
                recorded[count] = record({name: values[within] for name, values in state.items()})


def _bar(errors: Int[np.ndarray, "n"], violation: Float[np.ndarray, "n"]) -> tuple[np.integer, np.floating] | None:
    """The score that survivors must be below: the best of the worst half; None if all particles are equal.

    Where a tie reaches from there to the very best, these best survive alone.
    """
    order = np.lexsort((violation, errors))
    errors, violation = errors[order], violation[order]
    bar = (errors[len(order) // 2], violation[len(order) // 2])
    if _below(errors, violation, bar).any():
        return bar
    worse = np.flatnonzero((errors != bar[0]) | (violation != bar[1]))
    return (errors[worse[0]], violation[worse[0]]) if len(worse) else None


def _below(
    errors: Int[np.ndarray, "n"], violation: Float[np.ndarray, "n"], bar: tuple[np.integer, np.floating]
) -> Bool[np.ndarray, "n"]:
    return (errors < bar[0]) | ((errors == bar[0]) & (violation < bar[1]))


def _resample(survivors: Int64[np.ndarray, "s"], count: int, generator: np.random.Generator) -> Int64[np.ndarray, "n"]:
    """``count`` of the survivors, each as often as any other, up to one copy."""
    copies, rest = divmod(count, len(survivors))
    return np.concatenate([np.tile(survivors, copies), generator.permutation(survivors)[:rest]])


def _move(
    space: SampledSpace,
    state: State,
    errors: Int[np.ndarray, "n"],
    violation: Float[np.ndarray, "n"],
    bar: tuple[np.integer, np.floating],
    block: int,
    step: float,
    generator: np.random.Generator,
) -> float:
    """Move the particles in place, each unless it would leave the level: the share that moved."""
    proposed = space.propose(state, block, step, generator)
    new_errors, new_violation = space.score(state | proposed)
    accepted = _below(new_errors, new_violation, bar)
    for name, values in proposed.items():
        state[name][accepted] = values[accepted]
    errors[accepted], violation[accepted] = new_errors[accepted], new_violation[accepted]
    return float(accepted.mean())
