"""Patterns on a shell for multilevel splitting."""

import numpy as np
import pytest
from small_spaces import SPLITTING, rng

from weightspace.data.hypercube import random_patterns
from weightspace.pattern_space.rare_patterns import Shell


def test_particles_stay_on_their_shells():
    centres = random_patterns(3, 20, generator=rng(0))
    shell, drawn = Shell(centres, 6, lambda _, patterns: patterns[:, 0] + 0.0), rng(1)
    state = shell.draw(50, drawn)
    for _ in range(30):
        flipped = state["patterns"] != centres[state["which"]]
        assert (flipped.sum(axis=1) == 6).all()
        assert (np.sort(state["order"], axis=1) == np.arange(20)).all()
        assert np.take_along_axis(flipped, state["order"].astype(int), axis=1)[:, :6].all()
        state |= shell.propose(state, 0, 1.0, drawn)
    with pytest.raises(ValueError, match="the distance must lie between 1 and 19, found 20"):
        Shell(centres, 20, lambda _, patterns: patterns[:, 0] + 0.0)


def test_an_event_that_is_nowhere_is_given_up():
    shell = Shell(-np.ones((1, 12), np.int8), 4, lambda _, patterns: patterns[:, :5].sum(axis=1) - 4.0)
    found = shell.share(**SPLITTING, generator=rng(0))
    assert (found.reached, found.log, found.low) == (0, -np.inf, -np.inf)
    assert found.high < -2


def test_common_events_are_shares():
    shell = Shell(-np.ones((1, 30), np.int8), 10, lambda _, patterns: patterns[:, 0] + 0.0)
    found = shell.share(particles=400, steps=5, runs=8, generator=rng(0))
    assert found.low < np.log(1 / 3) < found.high
