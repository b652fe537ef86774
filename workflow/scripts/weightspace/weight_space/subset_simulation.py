"""Volumes of rare sets by subset simulation (multilevel splitting): ever smaller levels, each held to by a Markov chain
that keeps the measure.

A *space* offers draws from a probability measure, moves that keep it, and a score: whole errors first, and among equal
errors a violation that says how far from fewer errors a point is. Levels are quantiles of that score; with errors alone
whole populations are equal and die out.

Of each population those die that are no better than the worst half's best; the share of survivors estimates the share
of the level below. The product of these shares has the true volume as its expectation, however short the chains are
(Bréhier, Lelièvre & Rousset 2015); short chains make it scatter, which is why several independent runs give the
interval. Method: Au & Beck 2001; Cérou, Del Moral, Furon & Guyader 2012.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from weightspace.estimates import CONFIDENCE

_ACCEPTANCE = 0.3  # share of accepted moves aimed at; how far particles get depends little on it around a third
_FIRST_STEP = 0.5
_STEPS = (1e-4, 1.0)


class Space(Protocol):
    """What is simulated; a state is a dict of arrays with one row per particle."""

    blocks: int  # kinds of move, made in turn

    def draw(self, count, generator):
        """``count`` independent draws from the measure."""

    def propose(self, state, block, step, generator):
        """Moves reversible with respect to the measure: the arrays that change, as a dict; ``step`` in (0, 1] is their
        size.
        """

    def score(self, state):
        """``errors`` (n,) integers and ``violation`` (n,) ≥ 0 of each particle."""


@dataclass(frozen=True)
class Curve:
    """One run.

    ``log_volume`` (E + 1,): natural logarithm of the share of the measure with at most 0, 1, ... E errors; NaN where
    none was reached. ``recorded``: for each number of errors what ``record`` gave for the particles with at most so
    many, or None. ``bound``: logarithm of the last level's share; what was not reached is smaller, as far as this run
    can tell.
    """

    log_volume: np.ndarray
    recorded: list
    bound: float
    levels: int


def simulate(space, *, largest, target=0, particles, sweeps, levels, record=None, generator):
    """One run, down to ``target`` errors.

    Args:
        space: a `Space`.
        largest: the largest number of errors E.
        particles: size of the population, of which half survives each level.
        sweeps: moves of each kind at each level.
        levels: at most so many; then the run ends with a bound.
        record: function of a state whose value is kept for each number of errors.

    Returns:
        `Curve`.
    """
    state = space.draw(particles, generator)
    errors, violation = space.score(state)
    curve, recorded = np.full(largest + 1, np.nan), [None] * (largest + 1)
    log_share, steps = 0.0, np.full(space.blocks, _FIRST_STEP)
    for level in range(levels + 1):
        _note(curve, recorded, errors, log_share, state, record)
        bar = None if np.isfinite(curve[target]) or level == levels else _bar(errors, violation)
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
    return Curve(curve, recorded, log_share, level)


def _note(curve, recorded, errors, log_share, state, record):
    """Volumes of all numbers of errors of which this population, as the first, is half made up."""
    for count in np.flatnonzero(np.isnan(curve)):
        within = errors <= count
        if within.mean() >= 0.5:
            curve[count] = log_share + np.log(within.mean())
            if record is not None:
                recorded[count] = record({name: values[within] for name, values in state.items()})


def _bar(errors, violation):
    """The score (errors, violation) that survivors must be below: the best of the worst half; None if all particles are
    equal.

    Where a tie reaches from there to the very best, these best survive alone.
    """
    order = np.lexsort((violation, errors))
    errors, violation = errors[order], violation[order]
    bar = (errors[len(order) // 2], violation[len(order) // 2])
    if _below(errors, violation, bar).any():
        return bar
    worse = np.flatnonzero((errors != bar[0]) | (violation != bar[1]))
    return (errors[worse[0]], violation[worse[0]]) if len(worse) else None


def _below(errors, violation, bar):
    return (errors < bar[0]) | ((errors == bar[0]) & (violation < bar[1]))


def _resample(survivors, count, generator):
    """``count`` of the survivors, each as often as any other, up to one copy."""
    copies, rest = divmod(count, len(survivors))
    return np.concatenate([np.tile(survivors, copies), generator.permutation(survivors)[:rest]])


def _move(space, state, errors, violation, bar, block, step, generator):
    """Move the particles in place, each unless it would leave the level: the share that moved."""
    proposed = space.propose(state, block, step, generator)
    new_errors, new_violation = space.score(state | proposed)
    accepted = _below(new_errors, new_violation, bar)
    for name, values in proposed.items():
        state[name][accepted] = values[accepted]
    errors[accepted], violation[accepted] = new_errors[accepted], new_violation[accepted]
    return accepted.mean()


def log10_interval(log_volumes, *, confidence=CONFIDENCE):
    """Estimate of log10 of a volume, and its interval, from the natural logarithms (R,) that independent runs gave.

    A run's volume, a product of many shares, is nearly log-normal and right in the mean, so its logarithm is too low by
    half its variance. The interval of a log-normal mean with Student's quantile (Cox's method; Olsson 2005). A single
    run's is unbounded.

    Returns: (estimate, low, high).
    """
    logs, count = np.asarray(log_volumes, dtype=float), len(log_volumes)
    variance = logs.var(ddof=1) if count > 1 else np.inf
    if not np.isfinite(variance):
        return float(logs.mean() / np.log(10)), -np.inf, 0.0
    middle = logs.mean() + variance / 2
    half = special.stdtrit(count - 1, (1 + confidence) / 2) * np.sqrt(
        variance / count + variance**2 / (2 * (count - 1))
    )
    return tuple(float(min(0.0, value)) for value in np.array([middle, middle - half, middle + half]) / np.log(10))
