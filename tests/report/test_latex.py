"""Text and numbers as LaTeX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latex_checks import assert_well_formed, value_of

from weightspace.report import latex


@given(st.text())
def test_any_text_becomes_latex_that_closes(text):
    assert_well_formed(latex.escape(text))
    assert_well_formed(latex.readable(text))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 4))
def test_a_number_shows_its_value_to_its_last_digit(value, digits):
    shown, half = value_of(latex.number(float(value), digits))
    assert abs(shown - value) <= half + 1e-9 * abs(value)
    assert "-0.0" not in latex.number(-1e-12, 2) or "times" in latex.number(-1e-12, 2)


def test_counts_are_spelled_each_in_its_own_letters():
    words = [latex.spelled(count) for count in range(1000)]
    assert len(set(words)) == 1000
    assert all(word.isalpha() for word in words)
    assert [latex.spelled(count) for count in (0, 14, 40, 105, 999)] == [
        "Zero",
        "Fourteen",
        "Forty",
        "OneHundredFive",
        "NineHundredNinetyNine",
    ]
    with pytest.raises(ValueError, match="1000 is not spelled"):
        latex.spelled(1000)
