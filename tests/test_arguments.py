"""What users hand to public functions: taken in as a copy, or refused in one sentence that names it."""

import numpy as np
import pytest
import torch

from weightspace import arguments

SIGNS = [[1, -1, 1], [-1, -1, 1]]


@pytest.mark.parametrize(
    "given",
    [
        SIGNS,
        np.array(SIGNS, dtype=float),
        np.array(SIGNS, dtype=np.int8),
        torch.tensor(SIGNS),
        np.array(SIGNS).T.copy().T,
    ],
)
def test_patterns_are_copied_and_lie_row_by_row(given):
    found = arguments.patterns_of_signs("patterns", given, size=3)
    assert found.tolist() == SIGNS
    assert found.dtype == np.int8
    assert found.flags.c_contiguous
    assert not np.may_share_memory(found, np.asarray(given))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1, -1], r"patterns is one vector of 2 values; allowed: .*patterns\[None\]"),
        (np.empty((0, 3)), r"patterns has the shape \(0, 3\); allowed"),
        ([[1, 0, 1]], "patterns must hold -1 and .1 only, found 0"),
        ([[1, np.nan, 1]], "found nan"),
        ([["a", "b", "c"]], "found 'a'"),
        ([[1, 1], [1]], "patterns is no array"),
        ([[1, 1]], "patterns have 2 pixels each; allowed: 3"),
    ],
)
def test_what_is_no_patterns_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        arguments.patterns_of_signs("patterns", given, size=3)


@pytest.mark.parametrize("given", [[0, 1], [0, 1, 2, 3], [0, 1, -1], [0, 1, 0.5], [0, 1, 9], ["0", "1", "2"], None])
def test_what_is_no_labels_is_refused(given):
    with pytest.raises(ValueError, match="labels "):
        arguments.labels_of("labels", given, 3, most=9)


@pytest.mark.parametrize("given", [[], [1, 1], 2, [-1], [2, 1], [1.5], [7], "12", None, [[1]], [True]])
def test_what_is_no_ascending_numbers_is_refused(given):
    with pytest.raises(ValueError, match=r"radii is .*; allowed: a list of different whole numbers from 0 to 6"):
        arguments.counts("radii", given, low=0, high=6)
    assert arguments.counts("radii", np.array([0, 6]), low=0, high=6) == [0, 6]


@pytest.mark.parametrize("given", [True, "1", None, np.nan, np.inf, -1, 11, [1], 1j])
def test_what_is_no_number_between_two_is_refused(given):
    with pytest.raises(ValueError, match=r"margin is .*; allowed: a number from 0 to 10"):
        arguments.number("margin", given, low=0, high=10)
    if given != 11:
        with pytest.raises(ValueError, match=r"seed is .*; allowed: a whole number from 0"):
            arguments.whole("seed", given, low=0)


def test_settings_are_those_that_there_are():
    checks = {"margin": lambda name, value: value + 1, "file": arguments.text}
    assert arguments.settings_of("it", {"file": "a"}, checks, shipped={"margin": 0}) == {"margin": 0, "file": "a"}
    with pytest.raises(ValueError, match="margn is no setting of it; allowed: margin, file"):
        arguments.settings_of("it", {"margn": 1}, checks, shipped={})
    with pytest.raises(ValueError, match="it needs file"):
        arguments.settings_of("it", {"margin": 1}, checks, shipped={})
